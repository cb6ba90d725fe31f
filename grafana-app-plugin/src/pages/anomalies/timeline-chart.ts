import type uPlot from 'uplot';
import type { GrafanaTheme2 } from '@grafana/data';
import {
  AxisPlacement,
  GraphDrawStyle,
  ScaleDirection,
  ScaleOrientation,
  VisibilityMode,
} from '@grafana/schema';
import { UPlotConfigBuilder } from '@grafana/ui';
import type { Change } from '../../api/types.ts';
import type { Interval } from '../../api/windows.ts';
import { bandColors } from '../../components/score-bands.ts';
import { formatCount } from '../../components/time-format.ts';

/** Both charts have the same axis width, so that their times stand above each other. */
const AXIS_WIDTH = 56;
const SYNC_KEY = 'seismolog-timeline';
const OPEN_SCORE = 75;
const CLOSE_SCORE = 50;

interface Frame {
  theme: GrafanaTheme2;
  timeZone: string;
  interval: Interval;
  episode: Interval;
  changes: Change[];
  onHover: (index: number | null) => void;
  onPick: (index: number) => void;
}

export interface TimelineColors {
  lines: string;
  expected: string;
  change: string;
  episode: string;
}

export const timelineColors = (theme: GrafanaTheme2): TimelineColors => ({
  lines: theme.visualization.getColorByName('blue'),
  expected: theme.colors.text.secondary,
  change: theme.visualization.getColorByName('purple'),
  episode: theme.isDark ? 'rgba(242, 73, 92, 0.14)' : 'rgba(179, 18, 43, 0.10)',
});

const LINE = { drawStyle: GraphDrawStyle.Line, showPoints: VisibilityMode.Never, spanNulls: false } as const;

/** Actual and expected lines a minute. */
export function linesConfig(frame: Frame): UPlotConfigBuilder {
  const { theme } = frame;
  const colors = timelineColors(theme);
  const builder = frameConfig(frame, false);
  builder.addScale({
    scaleKey: 'lines',
    orientation: ScaleOrientation.Vertical,
    direction: ScaleDirection.Up,
    softMin: 0,
    softMax: 10,
    min: 0,
  });
  builder.addAxis({
    scaleKey: 'lines',
    theme,
    placement: AxisPlacement.Left,
    size: AXIS_WIDTH,
    formatValue: (value: number) => formatCount(value),
  });
  builder.addSeries({
    ...LINE,
    scaleKey: 'lines',
    theme,
    lineColor: colors.lines,
    lineWidth: 2,
    fillOpacity: 12,
  });
  builder.addSeries({
    ...LINE,
    scaleKey: 'lines',
    theme,
    lineColor: colors.expected,
    lineWidth: 1.5,
    lineStyle: { fill: 'dash', dash: [6, 4] },
  });
  return builder;
}

/** Score of the same windows, with the scores at which an episode opens and ends. */
export function scoreConfig(frame: Frame): UPlotConfigBuilder {
  const { theme } = frame;
  const [, , , medium = '', high = ''] = bandColors(theme);
  const builder = frameConfig(frame, true);
  builder.addScale({
    scaleKey: 'score',
    orientation: ScaleOrientation.Vertical,
    direction: ScaleDirection.Up,
    range: () => [0, 100],
  });
  builder.addAxis({
    scaleKey: 'score',
    theme,
    placement: AxisPlacement.Left,
    size: AXIS_WIDTH,
    splits: [0, 25, 50, 75, 100],
    formatValue: (value: number) => String(value),
  });
  builder.addSeries({ ...LINE, scaleKey: 'score', theme, lineColor: medium, lineWidth: 2, fillOpacity: 12 });
  builder.addHook('draw', (u) => {
    horizontal(u, OPEN_SCORE, high, [6, 4]);
    horizontal(u, CLOSE_SCORE, theme.colors.text.secondary, [2, 4]);
  });
  return builder;
}

function frameConfig({ theme, timeZone, ...frame }: Frame, withTimes: boolean): UPlotConfigBuilder {
  const { interval, episode, changes, onHover, onPick } = frame;
  const colors = timelineColors(theme);
  const builder = new UPlotConfigBuilder(timeZone);
  // Room for half of the last time label.
  builder.setPadding([8, 20, 0, 0]);
  builder.setCursor({ sync: { key: SYNC_KEY }, drag: { x: false, y: false }, y: false });
  builder.addScale({
    scaleKey: 'x',
    isTime: true,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [interval.from, interval.to],
  });
  builder.addAxis({
    scaleKey: 'x',
    isTime: true,
    timeZone,
    theme,
    placement: AxisPlacement.Bottom,
    ...(!withTimes && { formatValue: () => '', size: 8 }),
  });
  builder.addHook('drawClear', (u) => shade(u, episode, colors.episode));
  builder.addHook('draw', (u) => {
    for (const change of changes) {
      vertical(u, Date.parse(change.occurred_at), colors.change);
    }
  });
  builder.addHook('setCursor', (u) =>
    onHover(u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null),
  );
  builder.addHook('init', (u) => {
    u.over.style.cursor = 'pointer';
    u.over.addEventListener('click', () => typeof u.cursor.idx === 'number' && onPick(u.cursor.idx));
  });
  return builder;
}

function shade(u: uPlot, { from, to }: Interval, color: string) {
  const left = Math.max(u.bbox.left, u.valToPos(from, 'x', true));
  const right = Math.min(u.bbox.left + u.bbox.width, u.valToPos(to, 'x', true));
  u.ctx.save();
  u.ctx.fillStyle = color;
  u.ctx.fillRect(left, u.bbox.top, Math.max(2, right - left), u.bbox.height);
  u.ctx.restore();
}

function stroke(u: uPlot, from: [number, number], to: [number, number], color: string, dash: number[]) {
  u.ctx.save();
  u.ctx.strokeStyle = color;
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  u.ctx.beginPath();
  u.ctx.moveTo(...from);
  u.ctx.lineTo(...to);
  u.ctx.stroke();
  u.ctx.restore();
}

function horizontal(u: uPlot, score: number, color: string, dash: number[]) {
  const y = u.valToPos(score, 'score', true);
  stroke(u, [u.bbox.left, y], [u.bbox.left + u.bbox.width, y], color, dash);
}

function vertical(u: uPlot, time: number, color: string) {
  const x = u.valToPos(time, 'x', true);
  if (x >= u.bbox.left && x <= u.bbox.left + u.bbox.width) {
    stroke(u, [x, u.bbox.top], [x, u.bbox.top + u.bbox.height], color, [3, 2]);
  }
}
