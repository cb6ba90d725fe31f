import { useCallback, useMemo, useState } from 'react';
import { useParams } from 'react-router-dom';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, LinkButton, RefreshPicker, Stack, useStyles2 } from '@grafana/ui';
import { useAnomaly } from '../../api/anomalies.ts';
import { useChanges } from '../../api/changes.ts';
import type { AnomalyDetail, FeatureWindow } from '../../api/types.ts';
import { useWindows } from '../../api/windows.ts';
import { usePageTime, useTimeQuery, type PageTime } from '../../components/page-time.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { pagePaths } from '../../paths.ts';
import { KIND_NAMES } from '../../vocabulary.ts';
import { AnomalyFacts } from './AnomalyFacts.tsx';
import { FeedbackPanel } from './FeedbackPanel.tsx';
import { HistoryPanel } from './HistoryPanel.tsx';
import { SampleLinesPanel } from './SampleLinesPanel.tsx';
import { TemplatesPanel } from './TemplatesPanel.tsx';
import { TimelinePanel } from './TimelinePanel.tsx';
import { timelineInterval } from './timeline.ts';
import { WhyPanel } from './WhyPanel.tsx';

const DEFAULT_TIME = { from: 'now-1h', to: 'now', refresh: '10s' };

export default function AnomalyPage() {
  const { id = '' } = useParams();
  const time = usePageTime(DEFAULT_TIME);
  const timeQuery = useTimeQuery();
  const anomaly = useAnomaly(id, time.tick);
  const name = anomaly.data
    ? `${KIND_NAMES[anomaly.data.anomaly_type]} in ${anomaly.data.service}`
    : 'Anomaly';
  return (
    <PluginPage
      pageNav={{
        text: name,
        url: pagePaths.anomaly(id),
        parentItem: { text: 'Anomalies', url: pagePaths.anomalies(timeQuery) },
      }}
      renderTitle={() => <h1>{anomaly.data?.summary ?? name}</h1>}
      actions={
        <Stack direction="row" gap={1}>
          <LinkButton
            variant="secondary"
            fill="outline"
            icon="arrow-left"
            href={pagePaths.overview(timeQuery)}
          >
            Overview
          </LinkButton>
          <RefreshPicker
            value={time.refreshInterval}
            intervals={['5s', '10s', '30s', '1m', '5m']}
            onRefresh={time.refresh}
            onIntervalChanged={time.setRefreshInterval}
            isLoading={anomaly.isRefreshing}
            isOnCanvas
          />
        </Stack>
      }
    >
      {anomaly.error?.isNotFound ? (
        <EmptyState
          variant="not-found"
          message="There is no such anomaly"
          button={<LinkButton href={pagePaths.anomalies(timeQuery)}>All anomalies</LinkButton>}
        >
          It may have been removed by retention, or belong to another tenant.
        </EmptyState>
      ) : (
        <QueryView query={anomaly} what="the anomaly">
          {(data) => <AnomalyView anomaly={data} time={time} onFeedback={anomaly.refetch} />}
        </QueryView>
      )}
    </PluginPage>
  );
}

interface ViewProps {
  anomaly: AnomalyDetail;
  time: PageTime;
  onFeedback: () => void;
}

const NO_WINDOWS: FeatureWindow[] = [];

function AnomalyView({ anomaly, time, onFeedback }: ViewProps) {
  const styles = useStyles2(getStyles);
  const { timeZone, tick } = time;
  const [picked, setPicked] = useState<FeatureWindow | null>(null);
  const { from, to } = timelineInterval(anomaly);
  const interval = useMemo(() => ({ from, to }), [from, to]);
  const windows = useWindows(anomaly.service_id, interval, tick);
  const changes = useChanges(`${from}`, interval, tick);
  const { service_id } = anomaly;
  const ownChanges = useMemo(
    () => (changes.data?.items ?? []).filter((c) => c.service_id === null || c.service_id === service_id),
    [changes.data, service_id],
  );
  const pick = useCallback((window: FeatureWindow | null) => setPicked(window), []);
  return (
    <div className={styles.page}>
      <AnomalyFacts anomaly={anomaly} timeZone={timeZone} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <TimelinePanel
            anomaly={anomaly}
            windows={windows}
            interval={interval}
            changes={ownChanges}
            timeZone={timeZone}
            onPick={pick}
          />
          <TemplatesPanel templates={anomaly.explanation.templates} timeZone={timeZone} />
          <SampleLinesPanel anomaly={anomaly} timeZone={timeZone} />
        </div>
        <div className={styles.column}>
          <WhyPanel
            anomaly={anomaly}
            windows={windows.data ?? NO_WINDOWS}
            picked={picked}
            onPick={pick}
            timeZone={timeZone}
          />
          <HistoryPanel anomaly={anomaly} timeZone={timeZone} />
          <FeedbackPanel anomaly_id={anomaly.id} timeZone={timeZone} onSent={onFeedback} />
        </div>
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  columns: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    gap: theme.spacing(1.5),
    alignItems: 'start',
    '@media (max-width: 1180px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  column: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0 }),
});
