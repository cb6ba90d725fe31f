import { Type, type Static } from 'typebox';
import { LOG_RETENTION_RANGE } from '../platform/config.ts';
import { PERMISSION_PATTERN } from './role.ts';

const Time = Type.String({ format: 'date-time' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const Permission = Type.String({ pattern: PERMISSION_PATTERN });

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

export const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  cursor: Type.Optional(Type.String({ maxLength: 1000 })),
});

const pageOf = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) });

export const Session = Type.Object({
  tenant: Type.Object({ slug: Type.String(), name: Type.String() }),
  actor: Type.String(),
  permissions: Type.Array(Type.String()),
  mode: Type.Enum(['embedded', 'full']),
  simulated: Type.Boolean({ description: 'Whether some log source of the tenant is simulated' }),
});

export const ApiKey = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  key_prefix: Type.String(),
  permissions: Type.Array(Type.String()),
  created_by: Type.String(),
  created_at: Time,
  expires_at: Nullable(Time),
  revoked_at: Nullable(Time),
});
export type ApiKey = Static<typeof ApiKey>;
export const ApiKeyPage = pageOf(ApiKey);

export const ApiKeyInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    permissions: Type.Array(Permission, { minItems: 1, maxItems: 100, uniqueItems: true }),
    expires_at: Type.Optional(Type.String({ description: 'ISO 8601 time or epoch ms; absent: never' })),
  },
  { additionalProperties: false },
);
export type ApiKeyInput = Static<typeof ApiKeyInput>;

export const CreatedApiKey = Type.Object({
  ...ApiKey.properties,
  api_key: Type.String({ description: 'The key itself, shown this once' }),
});

// One schema for both types: with a union of two, a number out of range would be told to be null.
const LogRetentionDays = Type.Unsafe<number | null>({
  type: ['integer', 'null'],
  ...LOG_RETENTION_RANGE,
  description: 'Days that log lines are kept; null: as many as the installation keeps them',
});

export const LogRetentionInput = Type.Object(
  { log_retention_days: LogRetentionDays },
  { additionalProperties: false },
);

export const LogRetention = Type.Object({
  ...LogRetentionInput.properties,
  default_log_retention_days: Type.Integer({
    description: 'What the installation keeps: what null stands for',
  }),
});

export const Role = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  permissions: Type.Array(Type.String()),
  created_at: Time,
});
export const RolePage = pageOf(Role);

export const User = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Type.String(),
  is_active: Type.Boolean(),
  roles: Type.Array(Type.String()),
  created_at: Time,
});
export const UserPage = pageOf(User);

export const AuditLog = Type.Object({
  id: Type.Integer(),
  user_id: Nullable(Type.String({ format: 'uuid' })),
  actor: Type.String(),
  action: Type.String(),
  resource_type: Type.String(),
  resource_id: Type.String(),
  details: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  request_id: Nullable(Type.String()),
  created_at: Time,
});
export type AuditLog = Static<typeof AuditLog>;
export const AuditLogPage = pageOf(AuditLog);

export const AuditLogQuery = Type.Object({
  ...PageQuery.properties,
  resource_type: Type.Optional(Type.String({ maxLength: 100 })),
  resource_id: Type.Optional(Type.String({ maxLength: 200 })),
  actor: Type.Optional(Type.String({ maxLength: 300 })),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
});
export type AuditLogQuery = Static<typeof AuditLogQuery>;
