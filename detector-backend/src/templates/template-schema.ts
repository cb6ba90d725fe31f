import { Type, type Static } from 'typebox';

/** One line, as the template tree saw it. */
export interface TemplateHit {
  service_id: string;
  timestamp: number;
  /** Service-wide id of the template (`canonical_id`): what features count by. */
  template_id: number;
  severity_rank: number;
  /** First duration-like parameter in ms (`12ms`, `1.5 s`, `took 80 ms`, `duration=12`), or null. */
  duration_ms: number | null;
}

/** A row of `log_templates`; times in epoch ms. */
export interface LogTemplate {
  id: number;
  service_id: string;
  log_source_id: string;
  canonical_id: number;
  pattern: string;
  severity: string;
  version: number;
  status: 'active' | 'ignored';
  count: number;
  example: string;
  first_seen_at: number;
  last_seen_at: number;
}

/** A template as the API shows it. */
export const LogTemplateSchema = Type.Object({
  id: Type.Integer(),
  service_id: Type.String({ format: 'uuid' }),
  log_source_id: Type.String({ format: 'uuid' }),
  canonical_id: Type.Integer({
    description: 'Service-wide id: the same for the same pattern from every log source.',
  }),
  pattern: Type.String({
    description: 'Typed placeholders such as <NUM> stand for masked values, <*> for any.',
  }),
  severity: Type.String(),
  version: Type.Integer({ description: 'Grows whenever the pattern becomes more general.' }),
  status: Type.Union([Type.Literal('active'), Type.Literal('ignored')]),
  count: Type.Integer(),
  example: Type.String({ description: 'First line of the template, at most 2 kB.' }),
  first_seen_at: Type.String({ format: 'date-time' }),
  last_seen_at: Type.String({ format: 'date-time' }),
});

export const LogTemplateListSchema = Type.Object({
  items: Type.Array(LogTemplateSchema),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
});

export const LogTemplateQuerySchema = Type.Object({
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  q: Type.Optional(
    Type.String({ maxLength: 200, description: 'Text that the pattern or the example contains.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});

export type LogTemplateQuery = Static<typeof LogTemplateQuerySchema>;

export const LogTemplateParamsSchema = Type.Object({
  id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
