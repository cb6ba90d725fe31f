import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { LinkButton, PanelChrome, useStyles2 } from '@grafana/ui';
import { useAnomalies } from '../../api/anomalies.ts';
import { useServices } from '../../api/services.ts';
import { useStatus } from '../../api/status.ts';
import type { Anomaly, Page } from '../../api/types.ts';
import type { QueryState } from '../../api/use-query.ts';
import { AnomalyTable } from '../../components/AnomalyTable.tsx';
import { SimulatedBadge } from '../../components/badges.tsx';
import { PageToolbar } from '../../components/PageToolbar.tsx';
import { usePageTime, useTimeQuery, type PageTime } from '../../components/page-time.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { pagePaths } from '../../paths.ts';
import { HealthSummary } from './HealthSummary.tsx';
import { LanesPanel } from './LanesPanel.tsx';
import { simulatedShare } from './simulated-share.ts';
import { UnreadSources } from './UnreadSources.tsx';

const DEFAULT_TIME = { from: 'now-1h', to: 'now', refresh: '10s' };

/** Lists more than this are for the Anomalies page. */
const RECENT_LIMIT = 100;
const NONE: never[] = [];

export default function OverviewPage() {
  const styles = useStyles2(getStyles);
  const time = usePageTime(DEFAULT_TIME);
  const status = useStatus(time.tick);
  const services = useServices(time.tick);
  const simulated = simulatedShare(services.data);
  const range = { rangeKey: time.rangeKey, interval: time.interval };
  const open = useAnomalies({ status: 'open' }, null, time.tick);
  const recent = useAnomalies({ limit: RECENT_LIMIT }, range, time.tick);
  return (
    <PluginPage
      pageNav={{ text: 'Overview', url: pagePaths.overview() }}
      actions={<PageToolbar time={time} isLoading={status.isRefreshing} />}
    >
      <div className={styles.page}>
        {simulated !== 'none' && (
          <div className={styles.notice} role="note">
            <SimulatedBadge />{' '}
            {simulated === 'all'
              ? 'These services, logs and anomalies are made by the simulated shop. They are no real systems.'
              : 'Some services are made by the simulated shop. They and their anomalies are marked.'}
          </div>
        )}
        <QueryView query={status} what="the health of the detector">
          {(data) => (
            <>
              <HealthSummary status={data} services={services.data?.items ?? NONE} />
              <UnreadSources sources={data.sources} services={services.data?.items ?? NONE} />
            </>
          )}
        </QueryView>
        <LanesPanel
          time={time}
          services={services.data?.items ?? NONE}
          anomalies={recent.data?.items ?? NONE}
          sources={status.data?.sources ?? NONE}
        />
        <AnomaliesPanel
          title="Open anomalies"
          query={open}
          time={time}
          emptyMessage="No anomaly is open"
          markSimulated={simulated === 'some'}
        />
        <AnomaliesPanel
          title="Recent anomalies"
          query={recent}
          time={time}
          select={(anomaly) => anomaly.status !== 'open'}
          emptyMessage="No anomaly ended in this time range"
          showStatus
          markSimulated={simulated === 'some'}
        />
      </div>
    </PluginPage>
  );
}

interface AnomaliesPanelProps {
  title: string;
  query: QueryState<Page<Anomaly>>;
  time: PageTime;
  emptyMessage: string;
  select?: (anomaly: Anomaly) => boolean;
  showStatus?: boolean;
  /** Simulated anomalies stand among those of real services. */
  markSimulated: boolean;
}

function AnomaliesPanel({
  title,
  query,
  time,
  emptyMessage,
  select,
  showStatus = false,
  markSimulated,
}: AnomaliesPanelProps) {
  const styles = useStyles2(getStyles);
  const timeQuery = useTimeQuery();
  return (
    <PanelChrome
      title={title}
      padding="none"
      actions={
        <LinkButton size="sm" variant="secondary" fill="text" href={pagePaths.anomalies(timeQuery)}>
          All anomalies
        </LinkButton>
      }
    >
      <QueryView query={query} what="the anomalies">
        {({ items }) => {
          const shown = select ? items.filter(select) : items;
          return shown.length === 0 ? (
            <p className={styles.empty}>{emptyMessage}.</p>
          ) : (
            <AnomalyTable
              anomalies={shown}
              timeZone={time.timeZone}
              now={time.interval.to}
              timeQuery={timeQuery}
              showStatus={showStatus}
              markSimulated={markSimulated}
            />
          );
        }}
      </QueryView>
    </PanelChrome>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  notice: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  empty: css({ margin: 0, padding: theme.spacing(2), color: theme.colors.text.secondary }),
});
