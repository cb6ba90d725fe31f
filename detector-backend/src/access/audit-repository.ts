import type { Audit } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Client } from '../platform/postgres.ts';
import type { AuditLog, AuditLogQuery } from './access-schema.ts';

/** Appends one row to `audit_logs`; nobody but the owner can change or delete it. */
export const audit: Audit = async (client, identity, entry) => {
  await client.query(
    `insert into audit_logs (tenant_id, user_id, actor, action, resource_type, resource_id, details, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      identity.tenant_id,
      identity.user_id,
      identity.actor,
      entry.action,
      entry.resource_type,
      entry.resource_id,
      JSON.stringify(entry.details),
      entry.request_id,
    ],
  );
};

type AuditRow = Omit<AuditLog, 'created_at'> & { created_at: number };

/** Newest first. Ids grow with time, and a time cut to ms would not tell rows of one transaction apart: they are the cursor. */
export async function listAuditLogs(
  client: Client,
  query: AuditLogQuery,
  range: { from: number | null; to: number | null },
): Promise<{ items: AuditLog[]; next_cursor: string | null }> {
  const before = query.cursor === undefined ? null : Number(decodeCursor(query.cursor, 1)[0]);
  const { rows } = await client.query<AuditRow>(
    `select id, user_id, actor, action, resource_type, resource_id, details, request_id, created_at
     from audit_logs
     where ($1::double precision is null or id < $1)
       and ($2::text is null or resource_type = $2)
       and ($3::text is null or resource_id = $3)
       and ($4::text is null or actor = $4)
       and ($5::double precision is null or created_at >= to_timestamp($5 / 1000))
       and ($6::double precision is null or created_at < to_timestamp($6 / 1000))
     order by id desc limit $7`,
    [
      before,
      query.resource_type ?? null,
      query.resource_id ?? null,
      query.actor ?? null,
      range.from,
      range.to,
      query.limit + 1,
    ],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({ ...row, created_at: isoTime(row.created_at) })),
    next_cursor: rows.length > query.limit && last ? encodeCursor([last.id]) : null,
  };
}
