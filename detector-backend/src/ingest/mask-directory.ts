import type { Database } from '../platform/postgres.ts';
import { createMask, type Mask } from './mask.ts';
import { maskPolicyOf } from './mask-policy.ts';

/** How long a changed policy may take to hold in every process. */
const KEPT_MS = 2_000;

/** The mask of each tenant. Lines are refused (`database_unavailable`) rather than stored without it. */
export function createMaskDirectory({ database }: { database: Database }) {
  const known = new Map<string, { mask: Mask; policy: string; read_at: number }>();

  return async function maskOf(tenant_id: string): Promise<Mask> {
    const entry = known.get(tenant_id);
    const now = performance.now();
    if (entry !== undefined && now - entry.read_at < KEPT_MS) return entry.mask;
    const stored = await database.withTenant(tenant_id, async (client) => {
      const { rows } = await client.query<{ mask_policy: unknown }>(
        "select config -> 'mask_policy' as mask_policy from tenants where id = $1",
        [tenant_id],
      );
      return rows[0]?.mask_policy;
    });
    const policy = JSON.stringify(stored ?? null);
    const mask = entry?.policy === policy ? entry.mask : createMask(maskPolicyOf(stored));
    known.set(tenant_id, { mask, policy, read_at: now });
    return mask;
  };
}
