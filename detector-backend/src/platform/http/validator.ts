import { Ajv, type Options } from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

/**
 * Validates bodies as they are and query, path and header values after conversion from text. (Fastify's own compiler
 * converts bodies too and drops unknown keys, so a wrong body would pass as another one.)
 */
export function createValidatorCompiler(): FastifySchemaCompiler<object> {
  const create = (options: Options) => {
    const ajv = new Ajv({ strict: false, removeAdditional: false, useDefaults: true, ...options });
    formats.default(ajv);
    return ajv;
  };
  const strict = create({ coerceTypes: false });
  const coercing = create({ coerceTypes: 'array' });
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : coercing).compile(schema);
}
