import { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Alert, EmptyState, LinkButton, PanelChrome, Stack, TextLink, useStyles2 } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import type { ApiError } from '../../api/client.ts';
import type { LogSource, LogSourceHealth } from '../../api/log-source-types.ts';
import { useLogSourceHealth, useLogSources } from '../../api/log-sources.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { usePageTime } from '../../components/page-time.ts';
import { RefreshControl } from '../../components/PageToolbar.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { isUnread } from '../../components/source-state.ts';
import { formatDuration, formatFull } from '../../components/time-format.ts';
import { pagePaths } from '../../paths.ts';
import { BackfillProgress } from './BackfillProgress.tsx';
import { ConnectionPanel } from './ConnectionPanel.tsx';
import { EnableSwitch } from './EnableSwitch.tsx';
import { HealthPanel } from './HealthPanel.tsx';
import { LogSourceTable } from './LogSourceTable.tsx';

const DEFAULT_TIME = { from: 'now-1h', to: 'now', refresh: '5s' };

export default function LogSourcePage() {
  const { id = '' } = useParams();
  const time = usePageTime(DEFAULT_TIME);
  const sources = useLogSources(time.tick);
  const health = useLogSourceHealth(id, time.tick);
  const [changeError, setChangeError] = useState<ApiError | null>(null);
  const source = sources.data?.find((each) => each.id === id);
  const isMissing = sources.data !== undefined && source === undefined;
  return (
    <PluginPage
      pageNav={{
        text: source?.name ?? 'Source',
        url: pagePaths.logSource(id),
        parentItem: { text: 'Sources', url: pagePaths.logSources() },
      }}
      actions={
        <Stack direction="row" gap={1} wrap="wrap">
          {source && <EnableSwitch source={source} onChanged={sources.refetch} onError={setChangeError} />}
          <RefreshControl time={time} isLoading={sources.isRefreshing} />
        </Stack>
      }
    >
      {changeError && <ErrorState error={changeError} title="The source was not changed" />}
      {isMissing ? (
        <EmptyState
          variant="not-found"
          message="There is no such source"
          button={<LinkButton href={pagePaths.logSources()}>All sources</LinkButton>}
        >
          It may have been removed, or belong to another tenant.
        </EmptyState>
      ) : (
        <QueryView query={sources} what="the log source">
          {(all) =>
            source && (
              <LogSourceView
                source={source}
                all={all}
                health={health.data}
                now={time.interval.to}
                timeZone={time.timeZone}
              />
            )
          }
        </QueryView>
      )}
    </PluginPage>
  );
}

interface ViewProps {
  source: LogSource;
  all: LogSource[];
  health: LogSourceHealth | undefined;
  now: number;
  timeZone: string;
}

function LogSourceView({ source, all, health, now, timeZone }: ViewProps) {
  const styles = useStyles2(getStyles);
  const shards = all.filter(({ shard_of }) => shard_of === source.id);
  const parent = all.find(({ id }) => id === source.shard_of);
  return (
    <div className={styles.page}>
      {parent && (
        <p className={styles.muted}>
          Reads some of the services of{' '}
          <TextLink href={pagePaths.logSource(parent.id)}>{parent.name}</TextLink>.
        </p>
      )}
      {isUnread(source) && <Unread source={source} health={health} now={now} timeZone={timeZone} />}
      {source.backfill && (
        <PanelChrome title="Backfill">
          <BackfillProgress backfill={source.backfill} name={source.name} hours={source.backfill_hours} />
        </PanelChrome>
      )}
      <HealthPanel source={source} health={health} timeZone={timeZone} />
      <ConnectionPanel source={source} />
      {shards.length > 0 && (
        <PanelChrome title="Shards" padding="none">
          <LogSourceTable groups={shards.map((shard) => ({ source: shard, shards: [] }))} />
        </PanelChrome>
      )}
    </div>
  );
}

/** Why it is not read, since when, and what that means for its services. */
function Unread({ source, health, now, timeZone }: Omit<ViewProps, 'all'>) {
  const styles = useStyles2(getStyles);
  const since = health?.last_read_at ?? source.cursor_at;
  return (
    <Alert severity="error" title={`${source.name} can not be read`} bottomSpacing={0}>
      <p className={styles.reason}>{source.last_error ?? 'No reason was given.'}</p>
      <p className={styles.muted}>
        {source.status === 'blind'
          ? 'Its services are blind: no silence and no change of volume is judged until it is read again.'
          : 'It is tried again; if that goes on failing, its services are marked blind.'}
        {since &&
          ` Not read since ${formatFull(since, timeZone)}, ${formatDuration(now - Date.parse(since))} ago.`}
        {health?.last_error_at && ` Last tried ${formatFull(health.last_error_at, timeZone)}.`}
      </p>
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  muted: css({ margin: 0, color: theme.colors.text.secondary }),
  reason: css({ margin: theme.spacing(0, 0, 1), whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});
