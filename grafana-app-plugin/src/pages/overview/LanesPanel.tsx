import { useMemo } from 'react';
import { LoadingState } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Button, EmptyState, PanelChrome } from '@grafana/ui';
import { useChanges } from '../../api/changes.ts';
import type { Anomaly, Service, SourceHealth } from '../../api/types.ts';
import { useSwimLanes, type Interval } from '../../api/windows.ts';
import type { PageTime } from '../../components/page-time.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { pagePaths } from '../../paths.ts';
import { SwimLaneChart } from './SwimLaneChart.tsx';
import { bucketsOf, lanesOf, zoomAround, type Cell, type Lane } from './swim-lane.ts';

interface Props {
  time: PageTime;
  services: Service[];
  anomalies: Anomaly[];
  sources: SourceHealth[];
}

/** The swim lanes; where there is nothing to show, why. */
export function LanesPanel({ time, services, anomalies, sources }: Props) {
  const buckets = useMemo(() => bucketsOf(time.interval), [time.interval]);
  const lanes = useSwimLanes(time.rangeKey, buckets.interval, buckets.bucket_seconds, time.tick);
  const changes = useChanges(time.rangeKey, buckets.interval, time.tick);
  const rows = useMemo(
    () => lanes.data && lanesOf(lanes.data, services, anomalies, changes.data?.items ?? []),
    [lanes.data, services, anomalies, changes.data],
  );
  const shown = lanes.data && { from: Date.parse(lanes.data.from), to: Date.parse(lanes.data.to) };
  const activate = (cell: Cell) =>
    cell.anomaly
      ? locationService.push(pagePaths.anomaly(cell.anomaly.id, currentTime(time)))
      : time.setRange(zoomAround(cell));
  return (
    <PanelChrome
      title="Services by time"
      description="Peak score of each service and time bucket. Click a cell to open its anomaly, or to zoom in."
      loadingState={lanes.isRefreshing ? LoadingState.Loading : LoadingState.Done}
    >
      <QueryView query={lanes} what="the swim lanes">
        {() =>
          rows && shown && rows.some(isJudged) ? (
            <SwimLaneChart lanes={rows} interval={shown} timeZone={time.timeZone} onActivate={activate} />
          ) : (
            <NoWindows time={time} sources={sources} />
          )
        }
      </QueryView>
    </PanelChrome>
  );
}

const isJudged = ({ cells }: Lane) => cells.some(({ score, is_blind }) => score !== null || is_blind);

const currentTime = (time: PageTime) => ({ from: time.raw.from, to: time.raw.to });

/** Nothing in the range: recorded logs lie in the past, so the way to what was read last is offered. */
function NoWindows({ time, sources }: Pick<Props, 'time' | 'sources'>) {
  const cursors = sources.flatMap(({ cursor_at }) => (cursor_at ? [Date.parse(cursor_at)] : []));
  const last = Math.max(...cursors);
  const isElsewhere =
    cursors.length > 0 && (last < time.interval.from || last > time.interval.to + 3_600_000);
  const lastHour: Interval = { from: last - 3_600_000, to: last + 60_000 };
  return (
    <EmptyState
      variant={isElsewhere ? 'not-found' : 'call-to-action'}
      message={isElsewhere ? 'No windows in this time range' : 'No service has been judged yet'}
      button={
        isElsewhere ? (
          <Button onClick={() => time.setRange(lastHour)}>Go to the last hour read</Button>
        ) : undefined
      }
    >
      {isElsewhere
        ? 'The log sources were read up to another time.'
        : 'Send logs to POST /api/v1/logs or let the detector read an index. The first windows show after about a minute.'}
    </EmptyState>
  );
}
