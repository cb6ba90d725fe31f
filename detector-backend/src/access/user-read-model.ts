import type { Client } from '../platform/postgres.ts';

export interface RoleRow {
  id: string;
  name: string;
  permissions: string[];
  created_at: number;
}

export interface UserRow {
  id: string;
  email: string;
  is_active: boolean;
  /** Names of the user's roles, sorted. */
  roles: string[];
  created_at: number;
}

/** In order of names; `after` is the last name of the page before. */
export async function listRoles(client: Client, limit: number, after: string): Promise<RoleRow[]> {
  const { rows } = await client.query<RoleRow>(
    'select id, name, permissions, created_at from roles where name > $1 order by name limit $2',
    [after, limit],
  );
  return rows;
}

/** In order of addresses; `after` is the last address of the page before. Never gives a password hash. */
export async function listUsers(client: Client, limit: number, after: string): Promise<UserRow[]> {
  const { rows } = await client.query<UserRow>(
    `select u.id, u.email, u.is_active, u.created_at,
            array(select r.name from user_roles ur join roles r on r.id = ur.role_id
                  where ur.user_id = u.id order by r.name) as roles
     from users u where u.email > $1 order by u.email limit $2`,
    [after, limit],
  );
  return rows;
}

export interface TenantRow {
  slug: string;
  name: string;
  /** Whether some log source of the tenant is simulated. */
  simulated: boolean;
}

/** The tenant of the transaction. */
export async function readTenant(client: Client): Promise<TenantRow> {
  const { rows } = await client.query<TenantRow>(
    `select slug, name, exists (select from log_sources where source_type = 'simulated') as simulated from tenants`,
  );
  return rows[0] as TenantRow;
}
