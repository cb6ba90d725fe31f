import { Type } from 'typebox';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Database } from '../platform/postgres.ts';
import type { Audit } from '../platform/http/identity.ts';
import { AppError } from '../platform/errors.ts';
import { parseTimeRange } from '../platform/http/time-range.ts';
import { AnomalyDetail, AnomalyQuery, AnomalySummary, Feedback, FeedbackInput } from './anomaly-schema.ts';
import { findAnomaly, listAnomalies } from './anomaly-read-model.ts';
import { addFeedback, listFeedback } from './feedback-repository.ts';

const notFound = (id: string) => new AppError('not_found', `There is no anomaly ${id}.`, { field: 'id' });
const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** GET /anomalies, GET /anomalies/:id, POST /feedback, GET /feedback. */
export const anomalyRoutes =
  ({ database, audit }: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/anomalies',
      {
        config: { permission: 'anomalies:read' },
        schema: {
          tags: ['anomalies'],
          summary: 'List anomalies, newest first',
          querystring: AnomalyQuery,
          response: {
            200: Type.Object({
              items: Type.Array(AnomalySummary),
              next_cursor: Type.Union([Type.String(), Type.Null()]),
            }),
          },
        },
      },
      async ({ identity, query }) => {
        const range = parseTimeRange(query);
        return database.withTenant(identity.tenant_id, (client) => listAnomalies(client, query, range));
      },
    );

    app.get(
      '/anomalies/:id',
      {
        config: { permission: 'anomalies:read' },
        schema: {
          tags: ['anomalies'],
          summary: 'One anomaly and why',
          params: IdParams,
          response: { 200: AnomalyDetail },
        },
      },
      async ({ identity, params }) => {
        const anomaly = await database.withTenant(identity.tenant_id, (client) =>
          findAnomaly(client, params.id),
        );
        if (!anomaly) throw notFound(params.id);
        return anomaly;
      },
    );

    app.post(
      '/feedback',
      {
        config: { permission: 'feedback:write' },
        schema: {
          tags: ['feedback'],
          summary: 'Say whether an anomaly was real',
          body: FeedbackInput,
          response: { 201: Feedback },
        },
      },
      async ({ identity, body, id: request_id }, reply) => {
        const feedback = await database.withTenant(identity.tenant_id, async (client) => {
          const { tenant_id, user_id, actor } = identity;
          const added = await addFeedback(client, { ...body, tenant_id, user_id, actor });
          if (!added)
            throw new AppError('not_found', `There is no anomaly ${body.anomaly_id}.`, {
              field: 'anomaly_id',
            });
          const { is_true_positive, comment } = added;
          await audit(client, identity, {
            action: 'feedback.create',
            resource_type: 'anomaly',
            resource_id: body.anomaly_id,
            details: { is_true_positive, comment },
            request_id,
          });
          return added;
        });
        return reply.status(201).send(feedback);
      },
    );

    app.get(
      '/feedback',
      {
        config: { permission: 'anomalies:read' },
        schema: {
          tags: ['feedback'],
          summary: 'Feedback on one anomaly, newest first',
          querystring: Type.Object({ anomaly_id: Type.String({ format: 'uuid' }) }),
          response: { 200: Type.Object({ items: Type.Array(Feedback), next_cursor: Type.Null() }) },
        },
      },
      async ({ identity, query }) => ({
        items: await database.withTenant(identity.tenant_id, (client) =>
          listFeedback(client, query.anomaly_id),
        ),
        next_cursor: null,
      }),
    );
  };
