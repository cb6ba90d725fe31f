import { AppError } from '../platform/errors.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { IntegrationConfig, IntegrationView } from './integration-schema.ts';
import type { SecretBox } from './secret-box.ts';
import { TargetRefused, type TargetGuard } from './target-guard.ts';

/** A row of `integrations`. `secret` is sealed with the id as context: a webhook's HMAC secret, or the URL of Slack. */
export interface Integration {
  id: string;
  type: 'webhook' | 'slack' | 'email';
  name: string;
  config: IntegrationConfig;
  secret: Buffer | null;
  is_enabled: boolean;
  created_at: number;
  updated_at: number;
}

export interface SealDeps {
  secret_box: SecretBox;
  guard: TargetGuard;
}

/** Config and secret as they are stored. */
export interface SealedFields {
  config: IntegrationConfig;
  secret: Buffer | null;
}

/**
 * Checks URL and secret and turns them into what is stored. The secret of Slack is its URL, so the row's config keeps
 * only the origin.
 * @param current the stored row when one is replaced: an absent secret, and a Slack URL as it was shown, keep its secret
 * @throws AppError invalid_request with the field
 */
export async function sealFields(
  deps: SealDeps,
  id: string,
  input: { type: Integration['type']; config: IntegrationConfig; secret?: string | null },
  current: Integration | null,
): Promise<SealedFields> {
  if (input.type === 'email') {
    throw new AppError('invalid_request', 'email is not supported yet: use webhook or slack', {
      field: 'type',
    });
  }
  if (input.type === 'slack') return sealSlack(deps, id, input, current);
  await assertTarget(deps.guard, input.config.url);
  if (input.secret === undefined) return { config: input.config, secret: current?.secret ?? null };
  const secret = input.secret === null ? null : deps.secret_box.seal(input.secret, id);
  return { config: input.config, secret };
}

async function sealSlack(
  deps: SealDeps,
  id: string,
  input: { config: IntegrationConfig; secret?: string | null },
  current: Integration | null,
): Promise<SealedFields> {
  if (input.secret !== undefined && input.secret !== null) {
    throw new AppError('invalid_request', 'a Slack webhook has no secret besides its URL', {
      field: 'secret',
    });
  }
  if (current && input.config.url === current.config.url) {
    return { config: current.config, secret: current.secret };
  }
  const url = await assertTarget(deps.guard, input.config.url);
  return { config: { url: `${url.origin}/…` }, secret: deps.secret_box.seal(input.config.url, id) };
}

/** A name that does not resolve is accepted here: it is resolved and judged again at every send. */
async function assertTarget(guard: TargetGuard, text: string): Promise<URL> {
  try {
    const url = guard.checkUrl(text);
    await guard.pin(text);
    return url;
  } catch (error) {
    if (error instanceof TargetRefused) {
      throw new AppError('invalid_request', error.message, { field: 'config.url' });
    }
    if ((error as NodeJS.ErrnoException).syscall === 'getaddrinfo') return new URL(text);
    throw error;
  }
}

/** Where to send and what to sign with. Throws when the secret was sealed with another key. */
export function openTarget(
  secret_box: SecretBox,
  integration: Integration,
): { url: string; secret: string | null } {
  const opened = integration.secret === null ? null : secret_box.open(integration.secret, integration.id);
  return integration.type === 'slack'
    ? { url: opened ?? '', secret: null }
    : { url: integration.config.url, secret: opened };
}

/** The integration without what is secret. */
export const integrationView = (row: Integration): IntegrationView => ({
  id: row.id,
  type: row.type,
  name: row.name,
  config: row.config,
  has_secret: row.secret !== null,
  is_enabled: row.is_enabled,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});
