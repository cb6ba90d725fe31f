import { css } from '@emotion/css';
import { LoadingState, type GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import {
  Button,
  EmptyState,
  LinkButton,
  PanelChrome,
  RadioButtonGroup,
  Stack,
  useStyles2,
} from '@grafana/ui';
import type { LogSource } from '../../api/log-source-types.ts';
import { useLogSources } from '../../api/log-sources.ts';
import { isPermitted, useSession } from '../../api/session.ts';
import type { SourceStatus } from '../../api/types.ts';
import { setUrlParams, usePageTime, useUrlParams } from '../../components/page-time.ts';
import { RefreshControl } from '../../components/PageToolbar.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { pagePaths } from '../../paths.ts';
import { SOURCE_STATUS_NAMES } from '../../vocabulary.ts';
import { LogSourceTable } from './LogSourceTable.tsx';
import { groupsOf } from './source-groups.ts';

const DEFAULT_TIME = { from: 'now-1h', to: 'now', refresh: '5s' };
const STATUSES = Object.keys(SOURCE_STATUS_NAMES) as SourceStatus[];

export default function LogSourcesPage() {
  const time = usePageTime(DEFAULT_TIME);
  const asked = useUrlParams().get('status');
  const status = STATUSES.find((each) => each === asked) ?? '';
  const session = useSession();
  const mayAdd = !session.data || isPermitted(session.data, 'log-sources:write');
  const query = useLogSources(time.tick);
  return (
    <PluginPage
      pageNav={{ text: 'Sources', url: pagePaths.logSources() }}
      subTitle="Where log lines come from, and how well each source is read."
      actions={
        <Stack direction="row" gap={1} wrap="wrap">
          {mayAdd && (
            <LinkButton icon="plus" href={pagePaths.newLogSource()}>
              Add source
            </LinkButton>
          )}
          <RefreshControl time={time} isLoading={query.isRefreshing} />
        </Stack>
      }
    >
      {query.data && query.data.length > 1 && <StatusFilter sources={query.data} status={status} />}
      <PanelChrome
        title="Log sources"
        padding="none"
        loadingState={query.isRefreshing ? LoadingState.Loading : LoadingState.Done}
      >
        <QueryView query={query} what="the log sources">
          {(sources) => <Sources sources={sources} status={status} mayAdd={mayAdd} />}
        </QueryView>
      </PanelChrome>
    </PluginPage>
  );
}

/** Only the states that some source is in. */
function StatusFilter({ sources, status }: { sources: LogSource[]; status: SourceStatus | '' }) {
  const styles = useStyles2(getStyles);
  const count = (of: SourceStatus) => sources.filter((source) => source.status === of).length;
  const present = STATUSES.filter((each) => each === status || count(each) > 0);
  return (
    <div className={styles.filter}>
      <RadioButtonGroup
        aria-label="Show sources that are"
        options={[
          { label: `All ${sources.length}`, value: '' },
          ...present.map((value) => ({ label: `${SOURCE_STATUS_NAMES[value]} ${count(value)}`, value })),
        ]}
        value={status}
        onChange={(value) => setUrlParams({ status: value })}
      />
    </div>
  );
}

interface SourcesProps {
  sources: LogSource[];
  status: SourceStatus | '';
  mayAdd: boolean;
}

function Sources({ sources, status, mayAdd }: SourcesProps) {
  const styles = useStyles2(getStyles);
  const groups = groupsOf(sources, status);
  if (groups.length > 0) {
    return <LogSourceTable groups={groups} />;
  }
  return (
    <div className={styles.empty}>
      {sources.length === 0 ? (
        <NoSources mayAdd={mayAdd} />
      ) : (
        <EmptyState
          variant="not-found"
          message="No source is in this state"
          button={
            <Button variant="secondary" onClick={() => setUrlParams({ status: undefined })}>
              Show all
            </Button>
          }
        />
      )}
    </div>
  );
}

const EXAMPLE = `POST /api/v1/logs
Authorization: Bearer <key of the detector>
Content-Type: application/x-ndjson

{"timestamp":"2026-03-04T12:00:00Z","service":"checkout","severity":"error","message":"payment refused"}`;

function NoSources({ mayAdd }: { mayAdd: boolean }) {
  const styles = useStyles2(getStyles);
  return (
    <EmptyState
      variant="call-to-action"
      message="No source yet"
      button={
        mayAdd ? (
          <LinkButton icon="plus" href={pagePaths.newLogSource()}>
            Read an Elasticsearch or OpenSearch index
          </LinkButton>
        ) : undefined
      }
    >
      <p>Read an index of Elasticsearch or OpenSearch, or push logs; a pushed source makes itself:</p>
      <pre className={styles.example}>{EXAMPLE}</pre>
    </EmptyState>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  filter: css({ paddingBottom: theme.spacing(1.5), overflowX: 'auto' }),
  empty: css({ padding: theme.spacing(3, 2) }),
  example: css({
    textAlign: 'left',
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
});
