import { AppError } from '../platform/errors.ts';
import type { Audit } from '../platform/http/identity.ts';
import { parseTime } from '../platform/http/time-range.ts';
import type { Client, Database } from '../platform/postgres.ts';
import type { Call } from './manage-integration.ts';
import {
  deletePolicy,
  findPolicy,
  insertPolicy,
  isNameOfOther,
  missingIds,
  policyView,
  updatePolicy,
  type PolicyFields,
  type PolicyRow,
} from './policy-repository.ts';
import type { NewPolicy, PolicyUpdate, PolicyView } from './policy-schema.ts';

interface Deps {
  database: Database;
  audit: Audit;
}

/** Creates a policy. Throws invalid_request (integration_ids, conditions.service_ids) or conflict (name). */
export const createPolicy = (deps: Deps, call: Call, body: NewPolicy): Promise<PolicyView> =>
  deps.database.withTenant(call.identity.tenant_id, async (client) => {
    const fields = fieldsOf(body);
    await assertReferences(client, fields);
    const id = await insertPolicy(client, fields);
    if (id === null) throw nameTaken(fields.name);
    const after = policyView(await get(client, id));
    await record(deps, client, call, 'create', id, { after });
    return after;
  });

export const readPolicy = ({ database }: Deps, { identity }: Call, id: string): Promise<PolicyView> =>
  database.withTenant(identity.tenant_id, async (client) => policyView(await get(client, id)));

/** Replaces a policy that is still as it was at `body.updated_at`, else throws conflict. */
export const replacePolicy = (deps: Deps, call: Call, id: string, body: PolicyUpdate): Promise<PolicyView> =>
  deps.database.withTenant(call.identity.tenant_id, async (client) => {
    const before = policyView(await get(client, id));
    const fields = fieldsOf(body);
    await assertReferences(client, fields);
    if (await isNameOfOther(client, fields.name, id)) throw nameTaken(fields.name);
    if (!(await updatePolicy(client, id, fields, parseTime(body.updated_at, 'updated_at')))) {
      throw new AppError(
        'conflict',
        `The policy changed at ${before.updated_at}, after it was read: read it again.`,
        { field: 'updated_at' },
      );
    }
    const after = policyView(await get(client, id));
    await record(deps, client, call, 'update', id, { before, after });
    return after;
  });

/** Deletes a policy, and its alerts with it. */
export const removePolicy = (deps: Deps, call: Call, id: string): Promise<void> =>
  deps.database.withTenant(call.identity.tenant_id, async (client) => {
    const before = policyView(await get(client, id));
    await deletePolicy(client, id);
    await record(deps, client, call, 'delete', id, { before });
  });

const record = (
  { audit }: Deps,
  client: Client,
  { identity, id: request_id }: Call,
  verb: 'create' | 'update' | 'delete',
  resource_id: string,
  details: Record<string, unknown>,
) =>
  audit(client, identity, {
    action: `alert_policy.${verb}`,
    resource_type: 'alert_policy',
    resource_id,
    details,
    request_id,
  });

async function get(client: Client, id: string): Promise<PolicyRow> {
  const row = await findPolicy(client, id);
  if (!row) throw new AppError('not_found', `There is no alert policy ${id}.`);
  return row;
}

const nameTaken = (name: string) =>
  new AppError('conflict', `There is an alert policy "${name}" already.`, { field: 'name' });

const fieldsOf = (body: NewPolicy): PolicyFields => ({
  name: body.name,
  is_enabled: body.is_enabled ?? true,
  conditions: body.conditions ?? {},
  severity_mapping: body.severity_mapping ?? {},
  cooldown_seconds: body.cooldown_seconds ?? 0,
  integration_ids: body.integration_ids ?? [],
});

async function assertReferences(client: Client, fields: PolicyFields): Promise<void> {
  const [integration] = await missingIds(client, 'integrations', fields.integration_ids);
  if (integration !== undefined) {
    throw new AppError('invalid_request', `There is no integration ${integration}.`, {
      field: 'integration_ids',
    });
  }
  const [service] = await missingIds(client, 'services', fields.conditions.service_ids ?? []);
  if (service !== undefined) {
    throw new AppError('invalid_request', `There is no service ${service}.`, {
      field: 'conditions.service_ids',
    });
  }
}
