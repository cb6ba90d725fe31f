import { randomUUID } from 'node:crypto';
import { AppError } from '../platform/errors.ts';
import type { Audit, Identity } from '../platform/http/identity.ts';
import { parseTime } from '../platform/http/time-range.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { testPayload } from './alert-payload.ts';
import {
  deleteIntegration,
  findIntegration,
  insertIntegration,
  isNameOfOther,
  policiesUsing,
  updateIntegration,
} from './integration-repository.ts';
import type {
  IntegrationUpdate,
  IntegrationView,
  NewIntegration,
  TestOutcome,
} from './integration-schema.ts';
import { integrationView, sealFields, type Integration } from './integration.ts';
import type { SecretBox } from './secret-box.ts';
import { sendAlert } from './send-alert.ts';
import type { TargetGuard } from './target-guard.ts';
import type { SendWebhook } from './webhook-client.ts';

export interface ManageDeps {
  database: Database;
  audit: Audit;
  secret_box: SecretBox;
  guard: TargetGuard;
  send: SendWebhook;
}

/** The request on whose behalf something is done. */
export interface Call {
  identity: Identity;
  id: string;
}

/** Creates an integration. Throws invalid_request (type, config.url, secret) or conflict (name). */
export async function createIntegration(
  deps: ManageDeps,
  call: Call,
  body: NewIntegration,
): Promise<IntegrationView> {
  const id = randomUUID();
  // Names are resolved before the transaction: no connection is held while a name server is slow.
  const sealed = await sealFields(deps, id, body, null);
  return deps.database.withTenant(call.identity.tenant_id, async (client) => {
    const { type, name, is_enabled = true } = body;
    const row = await insertIntegration(client, { id, type, name, is_enabled, ...sealed });
    if (!row) throw nameTaken(name);
    const after = integrationView(row);
    await record(deps, client, call, 'create', id, { after });
    return after;
  });
}

export const readIntegration = (deps: ManageDeps, { identity }: Call, id: string): Promise<IntegrationView> =>
  deps.database.withTenant(identity.tenant_id, async (client) => integrationView(await get(client, id)));

/** Replaces an integration that is still as it was at `body.updated_at`, else throws conflict. */
export async function replaceIntegration(
  deps: ManageDeps,
  call: Call,
  id: string,
  body: IntegrationUpdate,
): Promise<IntegrationView> {
  const { tenant_id } = call.identity;
  const current = await deps.database.withTenant(tenant_id, (client) => get(client, id));
  const sealed = await sealFields(deps, id, { ...body, type: current.type }, current);
  return deps.database.withTenant(tenant_id, async (client) => {
    if (await isNameOfOther(client, body.name, id)) throw nameTaken(body.name);
    const fields = {
      id,
      type: current.type,
      name: body.name,
      is_enabled: body.is_enabled ?? true,
      ...sealed,
    };
    const row = await updateIntegration(client, fields, parseTime(body.updated_at, 'updated_at'));
    if (!row) {
      throw new AppError('conflict', 'The integration changed after it was read: read it again.', {
        field: 'updated_at',
      });
    }
    const after = integrationView(row);
    const secret_changed = current.secret !== sealed.secret;
    await record(deps, client, call, 'update', id, {
      before: integrationView(current),
      after,
      secret_changed,
    });
    return after;
  });
}

/** Deletes an integration that no policy sends through, else throws conflict. Its alerts go with it. */
export const removeIntegration = (deps: ManageDeps, call: Call, id: string): Promise<void> =>
  deps.database.withTenant(call.identity.tenant_id, async (client) => {
    const before = integrationView(await get(client, id));
    const policies = await policiesUsing(client, id);
    if (policies.length > 0) {
      throw new AppError(
        'conflict',
        `Alert policies send through it: ${policies.join(', ')}. Take it out of them first.`,
      );
    }
    await deleteIntegration(client, id);
    await record(deps, client, call, 'delete', id, { before });
  });

/** Sends a test message, enabled or not, and says what became of it. One attempt. */
export async function testIntegration(deps: ManageDeps, call: Call, id: string): Promise<TestOutcome> {
  const { tenant_id } = call.identity;
  const integration = await deps.database.withTenant(tenant_id, (client) => get(client, id));
  const now = Date.now();
  const key = `test.${id}.${randomUUID()}`;
  const sent = await sendAlert(deps, integration, testPayload(id, key, now), key, now);
  const { outcome, status_code } = sent;
  await deps.database.withTenant(tenant_id, (client) =>
    record(deps, client, call, 'test', id, { outcome, status_code }),
  );
  return {
    outcome,
    status_code,
    detail: 'detail' in sent ? sent.detail : 'the receiver took the test message',
  };
}

async function get(client: Client, id: string): Promise<Integration> {
  const row = await findIntegration(client, id);
  if (!row) throw new AppError('not_found', `There is no integration ${id}.`);
  return row;
}

const nameTaken = (name: string) =>
  new AppError('conflict', `There is an integration "${name}" already.`, { field: 'name' });

const record = (
  { audit }: ManageDeps,
  client: Client,
  { identity, id: request_id }: Call,
  verb: 'create' | 'update' | 'delete' | 'test',
  resource_id: string,
  details: Record<string, unknown>,
) =>
  audit(client, identity, {
    action: `integration.${verb}`,
    resource_type: 'integration',
    resource_id,
    details,
    request_id,
  });
