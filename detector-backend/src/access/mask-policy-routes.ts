import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { MaskPolicySchema, maskPolicyOf, type MaskPolicy } from '../ingest/mask-policy.ts';
import type { Audit } from '../platform/http/identity.ts';
import type { Client, Database } from '../platform/postgres.ts';

const tags = ['configuration'];
// Reading needs the right to write, too: custom words are what nobody is to see.
const config = { permission: 'configuration:write' };
const description =
  'A new policy masks new lines before they are stored; templates, explanations, sample lines and alerts that are stored ' +
  'are masked by it when they are shown or sent, and stay stored as they are. What was masked once is gone: a policy that ' +
  'masks less brings nothing back. Names of services and sources that are known keep their names. Search finds templates ' +
  'by the words that are stored.';
const response = { 200: MaskPolicySchema };

/**
 * GET and PUT /mask-policy: what is taken out of the tenant's lines. A change holds within two seconds: for new lines as they
 * are stored, for what is stored when it is shown (answer-mask-hook.ts) or sent. It is not stored anew.
 */
export const maskPolicyRoutes =
  ({ database, audit }: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/mask-policy',
      {
        config,
        schema: { tags, summary: 'What is masked in lines before they are stored', description, response },
      },
      ({ identity }) => database.withTenant(identity.tenant_id, readMaskPolicy),
    );

    app.put(
      '/mask-policy',
      {
        config,
        schema: {
          tags,
          summary: 'Replace the mask policy; holds within two seconds',
          description,
          body: MaskPolicySchema,
          response,
        },
      },
      ({ identity, body, id: request_id }) =>
        database.withTenant(identity.tenant_id, async (client) => {
          const before = await readMaskPolicy(client);
          await client.query(
            `update tenants set config = jsonb_set(config, '{mask_policy}', $1::jsonb), updated_at = now()
             where id = app_tenant_id()`,
            [JSON.stringify(body)],
          );
          await audit(client, identity, {
            action: 'mask_policy.update',
            resource_type: 'mask_policy',
            resource_id: identity.tenant_id,
            details: { before: traced(before), after: traced(body) },
            request_id,
          });
          return body;
        }),
    );
  };

async function readMaskPolicy(client: Client): Promise<MaskPolicy> {
  const { rows } = await client.query<{ mask_policy: unknown }>(
    "select config -> 'mask_policy' as mask_policy from tenants where id = app_tenant_id() for update",
  );
  return maskPolicyOf(rows[0]?.mask_policy);
}

/** How many words, not which: more people read the audit log than may know them. */
const traced = ({ words, ...policy }: MaskPolicy) => ({ ...policy, words: words.length });
