import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Models } from '../models/models.ts';
import { AppError } from '../platform/errors.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { explanationView, WindowExplanation, type Explanation } from './explanation-schema.ts';
import type { ExplainStep } from './explain-step.ts';
import type { SampleStep } from './sample-step.ts';
import { findWindowEvidence, type WindowEvidence, type WindowKey } from './window-explanation-read-model.ts';

interface Deps {
  database: Database;
  models: Models;
  explain: ExplainStep;
  sample: SampleStep;
}

const WINDOW_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,13})\.(\d{1,5})$/;

/** `<service id>.<window_start, epoch ms>.<seconds>`. Throws `invalid_request`. */
function parseWindowId(id: string): WindowKey {
  const [, service_id, start, seconds] = WINDOW_ID.exec(id) ?? [];
  const window_start = Number(start);
  const window_seconds = Number(seconds);
  if (
    service_id === undefined ||
    window_start % 10_000 !== 0 ||
    window_seconds % 10 !== 0 ||
    window_seconds === 0
  )
    throw new AppError(
      'invalid_request',
      'A window id is <service id>.<start in epoch ms>.<seconds>, on tile edges of 10 s.',
      {
        field: 'id',
      },
    );
  if (window_seconds > 3600)
    throw new AppError('invalid_request', 'A window is at most an hour long.', { field: 'id' });
  return { service_id, window_start, window_seconds };
}

/** GET /windows/:id/explanation, for any window: also why it did not fire. */
export const explanationRoutes =
  (deps: Deps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/windows/:id/explanation',
      {
        config: { permission: 'windows:read' },
        schema: {
          tags: ['windows'],
          summary: 'Why a window got its score, also when it did not fire',
          params: Type.Object({ id: Type.String() }),
          response: { 200: WindowExplanation },
        },
      },
      ({ identity, params }) => explainWindow(deps, identity.tenant_id, params.id),
    );
  };

async function explainWindow(deps: Deps, tenant_id: string, window_id: string): Promise<WindowExplanation> {
  const key = parseWindowId(window_id);
  const evidence = await deps.database.withTenant(tenant_id, (client) => findWindowEvidence(client, key));
  if (evidence === null) throw new AppError('not_found', `There is no service ${key.service_id}.`);
  const { judged_score, kept } = evidence;
  return {
    ...explanationView(kept ?? (await explainNow(deps, tenant_id, evidence))),
    window_id,
    service_id: key.service_id,
    service: evidence.service,
    window_start: isoTime(key.window_start),
    window_end: isoTime(key.window_start + key.window_seconds * 1000),
    judged_score,
  };
}

async function explainNow(
  { models, explain, sample }: Deps,
  tenant_id: string,
  evidence: WindowEvidence,
): Promise<Explanation> {
  const explanation = await explain({ ...evidence, tenant_id, model: await models.active(tenant_id) });
  const lines = await sample({ tenant_id, window: evidence.vector, explanation, is_sparing: false });
  return { ...explanation, ...lines };
}
