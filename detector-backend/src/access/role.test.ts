import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isPermitted } from '../platform/http/identity.ts';
import { PERMISSION_PATTERN, ROLES } from './role.ts';

const ADMIN_ONLY = ['configuration', 'api-keys', 'audit-logs', 'roles', 'users'];

/** Every permission that a route of any room names. */
function permissionsOfRoutes(): string[] {
  const src = fileURLToPath(new URL('..', import.meta.url));
  const files = fs.readdirSync(src, { recursive: true }) as string[];
  const routes = files.filter((file) => file.endsWith('-routes.ts'));
  const named = routes.flatMap((file) =>
    [...fs.readFileSync(path.join(src, file), 'utf8').matchAll(/permission: '([^']+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  return [...new Set(named)].sort();
}

test.each(permissionsOfRoutes())('%s belongs to the roles that should have it', (permission) => {
  expect(permission).toMatch(new RegExp(PERMISSION_PATTERN));
  const [resource, verb] = permission.split(':') as [string, string];
  const isAdminOnly = ADMIN_ONLY.includes(resource);
  expect(isPermitted(ROLES.admin, permission)).toBe(true);
  expect(isPermitted(ROLES.editor, permission)).toBe(!isAdminOnly);
  expect(isPermitted(ROLES.viewer, permission)).toBe(!isAdminOnly && verb === 'read');
});

test.each([
  [['logs:write'], 'logs:write', true],
  [['logs:write'], 'logs:read', false],
  [['logs:*'], 'logs:read', true],
  [['logs:*'], 'log-sources:read', false],
  [['*'], 'anything:write', true],
  [[], 'any', true],
  [[], 'logs:read', false],
  [['logs:read'], '', false],
  [['logs:read'], 'logs:*', false],
])('%j permits %s: %s', (permissions, needed, expected) => {
  expect(isPermitted(permissions, needed)).toBe(expected);
});
