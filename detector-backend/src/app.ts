import type { FastifyInstance } from 'fastify';
import { createHttpServer } from './platform/http/http-server.ts';
import type { Parts } from './compose.ts';
import { logRoutes } from './ingest/log-routes.ts';
import { logSourceRoutes } from './ingest/log-source-routes.ts';
import { serviceRoutes } from './ingest/service-routes.ts';
import { cancelRecounts } from './reading/recount-repository.ts';
import { shardRoutes } from './reading/shard-routes.ts';
import { templateEventRoutes } from './templates/template-event-routes.ts';
import { templateRoutes } from './templates/template-routes.ts';
import { windowRoutes } from './windows/window-routes.ts';
import { modelRoutes } from './models/model-routes.ts';
import { explanationRoutes } from './explanations/explanation-routes.ts';
import { anomalyLineRoutes } from './anomalies/anomaly-line-routes.ts';
import { anomalyRoutes } from './anomalies/anomaly-routes.ts';
import { alertRoutes } from './alerting/alert-routes.ts';
import { changeRoutes } from './alerting/change-routes.ts';
import { integrationRoutes } from './alerting/integration-routes.ts';
import { policyRoutes } from './alerting/policy-routes.ts';
import { accessRoutes } from './access/access-routes.ts';
import { registerAnswerMask } from './access/answer-mask-hook.ts';
import { apiKeyRoutes } from './access/api-key-routes.ts';
import { logRetentionRoutes } from './access/log-retention-routes.ts';
import { maskPolicyRoutes } from './access/mask-policy-routes.ts';
import { registerAuthentication } from './access/auth-hook.ts';
import { audit } from './access/audit-repository.ts';
import { readinessOf } from './readiness.ts';
import { statusRoutes } from './status-routes.ts';

/** The HTTP side of a process: everything it answers, in one list. Builds, but does not listen. */
export async function buildApp(parts: Parts): Promise<FastifyInstance> {
  const app = await createHttpServer({ ...parts, readiness: readinessOf(parts) });
  const deps = { ...parts, audit, mode: parts.config.mode, now: Date.now };
  await app.register(
    async (api) => {
      registerAuthentication(api, deps);
      registerAnswerMask(api, deps);
      await api.register(logRoutes(deps));
      await api.register(logSourceRoutes({ ...deps, onSelectionChange: cancelRecounts }));
      await api.register(shardRoutes(deps));
      await api.register(serviceRoutes(deps));
      await api.register(templateRoutes(deps));
      await api.register(templateEventRoutes(deps));
      await api.register(windowRoutes(deps));
      await api.register(modelRoutes(deps));
      await api.register(explanationRoutes(deps));
      await api.register(anomalyRoutes(deps));
      await api.register(anomalyLineRoutes(deps));
      await api.register(policyRoutes(deps));
      await api.register(alertRoutes(deps));
      await api.register(integrationRoutes(deps));
      await api.register(changeRoutes(deps));
      await api.register(accessRoutes(deps));
      await api.register(apiKeyRoutes(deps));
      await api.register(maskPolicyRoutes(deps));
      await api.register(logRetentionRoutes(deps));
      await api.register(statusRoutes(deps));
    },
    { prefix: '/api/v1' },
  );
  return app;
}
