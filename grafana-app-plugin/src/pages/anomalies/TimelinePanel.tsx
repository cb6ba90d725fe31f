import { useMemo, useState } from 'react';
import { css } from '@emotion/css';
import { LoadingState, type GrafanaTheme2 } from '@grafana/data';
import { EmptyState, PanelChrome, UPlotChart, useStyles2, useTheme2 } from '@grafana/ui';
import type { AnomalyDetail, Change, FeatureWindow } from '../../api/types.ts';
import type { QueryState } from '../../api/use-query.ts';
import type { Interval } from '../../api/windows.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { formatScore } from '../../components/score-bands.ts';
import { formatCount, formatSpan } from '../../components/time-format.ts';
import { useWidth } from '../../components/use-width.ts';
import { episodeEnd, timelineData, type TimelineData } from './timeline.ts';
import { linesConfig, scoreConfig, timelineColors } from './timeline-chart.ts';

const LINES_HEIGHT = 190;
const SCORE_HEIGHT = 130;

interface Props {
  anomaly: AnomalyDetail;
  windows: QueryState<FeatureWindow[]>;
  interval: Interval;
  changes: Change[];
  timeZone: string;
  onPick: (window: FeatureWindow) => void;
}

/** Actual against expected lines a minute, and the score beneath, around the episode. */
export function TimelinePanel({ anomaly, windows, interval, changes, timeZone, onPick }: Props) {
  return (
    <PanelChrome
      title="Lines per minute, and score"
      description="Each point is the minute that ends there. Click one to see why it got its score."
      loadingState={windows.isRefreshing ? LoadingState.Loading : LoadingState.Done}
    >
      <QueryView query={windows} what="the timeline">
        {(items) =>
          items.length === 0 ? (
            <EmptyState variant="not-found" message="The windows of this time are gone">
              Retention removed them. The explanation below was kept with the anomaly.
            </EmptyState>
          ) : (
            <Charts
              anomaly={anomaly}
              data={timelineData(items)}
              interval={interval}
              changes={changes}
              timeZone={timeZone}
              onPick={onPick}
            />
          )
        }
      </QueryView>
    </PanelChrome>
  );
}

interface ChartsProps extends Omit<Props, 'windows'> {
  data: TimelineData;
}

function Charts({ anomaly, data, interval, changes, timeZone, onPick }: ChartsProps) {
  const theme = useTheme2();
  const [ref, width] = useWidth<HTMLDivElement>(600);
  const [hovered, setHovered] = useState<number | null>(null);
  const { windows } = data;
  const start = Date.parse(anomaly.started_at);
  const end = episodeEnd(anomaly);
  const frame = useMemo(
    () => ({
      theme,
      timeZone,
      interval,
      episode: { from: start, to: end },
      changes,
      onHover: setHovered,
      onPick: (index: number) => {
        const window = windows[index];
        if (window) {
          onPick(window);
        }
      },
    }),
    [theme, timeZone, interval, start, end, changes, windows, onPick],
  );
  const lines = useMemo(() => linesConfig(frame), [frame]);
  const score = useMemo(() => scoreConfig(frame), [frame]);
  return (
    <div ref={ref}>
      <Readout data={data} index={hovered} timeZone={timeZone} hasChanges={changes.length > 0} />
      <UPlotChart
        data={[data.times, data.lines, data.expected]}
        config={lines}
        width={width}
        height={LINES_HEIGHT}
      />
      <UPlotChart data={[data.times, data.scores]} config={score} width={width} height={SCORE_HEIGHT} />
    </div>
  );
}

interface ReadoutProps {
  data: TimelineData;
  index: number | null;
  timeZone: string;
  hasChanges: boolean;
}

/** Legend; under the pointer it gives the values of the minute. */
function Readout({ data, index, timeZone, hasChanges }: ReadoutProps) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  const colors = timelineColors(theme);
  const window = index === null ? null : data.windows[index];
  const lines = window
    ? `${window.is_blind ? 'blind' : formatCount(data.lines[index ?? 0] ?? 0)} lines`
    : 'lines/min';
  const expected = window ? `${formatCount(data.expected[index ?? 0] ?? 0)} expected` : 'expected';
  return (
    <div className={styles.readout}>
      <span>
        <i style={{ borderTop: `2px solid ${colors.lines}` }} /> {lines}
      </span>
      <span>
        <i style={{ borderTop: `2px dashed ${colors.expected}` }} /> {expected}
      </span>
      <span>
        <i
          style={{
            height: 10,
            background: colors.episode,
            border: `1px solid ${theme.colors.border.medium}`,
          }}
        />{' '}
        episode
      </span>
      {hasChanges && (
        <span>
          <i style={{ width: 0, height: 12, borderLeft: `2px dashed ${colors.change}` }} /> change
        </span>
      )}
      {window && (
        <strong>
          {formatSpan(window.window_start, window.window_end, timeZone)}
          {window.score !== null && `, score ${formatScore(window.score)}`}
        </strong>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  readout: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0, 2),
    minHeight: 22,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
    color: theme.colors.text.secondary,
    span: { display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.5) },
    i: { display: 'inline-block', width: 16 },
    strong: { marginLeft: 'auto', color: theme.colors.text.primary },
  }),
});
