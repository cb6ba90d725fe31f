/** The form of a permission: `resource:verb`, `resource:*`, or `*`. */
export const PERMISSION_PATTERN = '^(\\*|[a-z][a-z-]{0,40}:(\\*|read|write))$';

const VIEWER = [
  'alert-policies:read',
  'alerts:read',
  'anomalies:read',
  'changes:read',
  'feedback:read',
  'integrations:read',
  'log-sources:read',
  'models:read',
  'services:read',
  'templates:read',
  'windows:read',
];

/** The roles that every tenant starts with; they may be changed afterwards. */
export const ROLES = {
  admin: ['*'],
  editor: [
    ...VIEWER,
    'alert-policies:write',
    'changes:write',
    'feedback:write',
    'integrations:write',
    'log-sources:write',
    'logs:write',
    'models:write',
    'services:write',
    'templates:write',
  ],
  viewer: VIEWER,
} as const satisfies Record<string, readonly string[]>;

export type RoleName = keyof typeof ROLES;
