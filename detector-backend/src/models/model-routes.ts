import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { AppError } from '../platform/errors.ts';
import type { Audit } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import type { ModelVersion } from './model.ts';
import { activateVersion, findCurrentVersions, listModelVersions } from './model-repository.ts';
import { ModelVersionView, PredictBody, PredictReply } from './model-schema.ts';
import type { Models } from './models.ts';
import { predictStep } from './predict-step.ts';

const PAGE_SIZE = 50;
const tags = ['models'];

const view = ({ trained_until, created_at, card, ...version }: ModelVersion): ModelVersionView => ({
  ...version,
  card: { ...card, trained_from: isoTime(card.trained_from) },
  trained_until: isoTime(trained_until),
  created_at: isoTime(created_at),
});

/** POST /predict, GET /model-versions, POST /model-versions/:id/activate. */
export const modelRoutes =
  (deps: { database: Database; models: Models; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { database, audit } = deps;
    const predict = predictStep(deps);
    app.post(
      '/predict',
      {
        config: { permission: 'models:read' },
        schema: {
          tags,
          summary: 'Score and explain feature rows with the active model',
          body: PredictBody,
          response: { 200: PredictReply },
        },
      },
      ({ identity, body }) => predict(identity.tenant_id, body),
    );

    app.get(
      '/model-versions',
      {
        config: { permission: 'models:read' },
        schema: {
          tags,
          summary: 'Model versions, newest first',
          querystring: Type.Object({
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: PAGE_SIZE })),
            cursor: Type.Optional(Type.String()),
          }),
          response: {
            200: Type.Object({
              items: Type.Array(ModelVersionView),
              next_cursor: Type.Union([Type.String(), Type.Null()]),
            }),
          },
        },
      },
      async ({ identity, query }) => {
        const { limit = PAGE_SIZE } = query;
        const [before] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 1);
        const versions = await database.withTenant(identity.tenant_id, (client) =>
          listModelVersions(client, {
            before: before === undefined ? null : Number(before),
            limit: limit + 1,
          }),
        );
        const last = versions.length > limit ? versions[limit - 1] : undefined;
        return {
          items: versions.slice(0, limit).map(view),
          next_cursor: last ? encodeCursor([last.version]) : null,
        };
      },
    );

    app.post(
      '/model-versions/:id/activate',
      {
        config: { permission: 'models:write' },
        schema: {
          tags,
          summary: 'Make a version the active one; the next training makes its own version active again',
          params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
          response: { 200: ModelVersionView },
        },
      },
      ({ identity, params, id: request_id }) =>
        database.withTenant(identity.tenant_id, async (client) => {
          const { active } = await findCurrentVersions(client);
          const version = await activateVersion(client, params.id);
          if (version === null) throw new AppError('not_found', `There is no model version ${params.id}.`);
          await audit(client, identity, {
            action: 'model_version.activate',
            resource_type: 'model_version',
            resource_id: version.id,
            details: { before: { version: active?.version ?? null }, after: { version: version.version } },
            request_id,
          });
          return view(version);
        }),
    );
  };
