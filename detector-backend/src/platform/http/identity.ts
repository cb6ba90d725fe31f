import type { Client } from '../postgres.ts';

/** Who acts, for which tenant, and with which rights; `request.identity` of every authenticated request. */
export interface Identity {
  tenant_id: string;
  tenant_slug: string;
  /** Shown in the audit log: `key:<name>` or `user:<email>`. */
  actor: string;
  /** `resource:verb` strings, `resource:*`, or `*`. */
  permissions: readonly string[];
  user_id: string | null;
  key_id: string | null;
}

export interface AuditEntry {
  /** `resource.verb`, e.g. `alert_policy.update`. */
  action: string;
  resource_type: string;
  resource_id: string;
  /** What changed, `{ before, after }` where both exist; never a secret. */
  details: Record<string, unknown>;
  request_id: string | null;
}

/** Writes one row of the audit log inside the caller's transaction, so a change and its trace stand or fall together. */
export type Audit = (client: Client, identity: Identity, entry: AuditEntry) => Promise<void>;

/** For routes that any valid key may call, whatever its permissions. */
export const ANY_PERMISSION = 'any';

/** Whether `permissions` contain `needed`, by name or by `resource:*` or `*`. */
export function isPermitted(permissions: readonly string[], needed: string): boolean {
  if (needed === ANY_PERMISSION) return true;
  const resource = needed.slice(0, needed.indexOf(':'));
  return permissions.some((held) => held === '*' || held === needed || held === `${resource}:*`);
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
  interface FastifyContextConfig {
    /** Permission that a call needs, e.g. `anomalies:read`; every route below `/api/v1` must name one. */
    permission?: string;
  }
}
