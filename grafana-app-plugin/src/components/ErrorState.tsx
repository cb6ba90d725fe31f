import { Alert, Button, LinkButton, Stack, Text } from '@grafana/ui';
import type { ApiError } from '../api/client.ts';
import { pagePaths } from '../paths.ts';

interface Props {
  error: ApiError;
  /** What could not be shown, e.g. `the anomalies`. */
  what?: string;
  onRetry?: (() => void) | undefined;
  /** In place of the title that names `what`, for calls that change something. */
  title?: string;
}

const titleOf = (error: ApiError, what: string): string =>
  error.isForbidden ? `You may not see ${what}` : `Could not load ${what}`;

/** Why something is not shown, and what to do about it. */
export function ErrorState({ error, what = '', onRetry, title = titleOf(error, what) }: Props) {
  const needsConfiguration = error.code === 'unreachable' || error.code === 'app_disabled';
  return (
    <Alert severity={error.isForbidden ? 'warning' : 'error'} title={title}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>
          {error.message}
          {error.message.endsWith('.') ? '' : '.'} {error.detail}
        </span>
        <Text variant="bodySmall" color="secondary">
          {[`code ${error.code}`, error.request_id && `request ${error.request_id}`]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <Stack direction="row" gap={1}>
          {onRetry && !error.isForbidden && (
            <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
              Try again
            </Button>
          )}
          {needsConfiguration && (
            <LinkButton size="sm" variant="secondary" icon="cog" href={pagePaths.configuration()}>
              Configuration
            </LinkButton>
          )}
        </Stack>
      </Stack>
    </Alert>
  );
}
