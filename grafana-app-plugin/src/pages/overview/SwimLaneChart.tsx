import { useCallback, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { css } from '@emotion/css';
import { dateTimeForTimeZone, type GrafanaTheme2 } from '@grafana/data';
import { Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import type { Interval } from '../../api/windows.ts';
import { ScoreValue } from '../../components/badges.tsx';
import { formatClock, formatCount } from '../../components/time-format.ts';
import { useWidth } from '../../components/use-width.ts';
import { cellId, HATCH_ID, LANE_HEIGHT, LaneRow } from './LaneRow.tsx';
import { LaneTooltip } from './LaneTooltip.tsx';
import { SwimLaneLegend } from './SwimLaneLegend.tsx';
import { axisTicks, type Cell, type Lane } from './swim-lane.ts';

interface Props {
  lanes: Lane[];
  interval: Interval;
  timeZone: string;
  onActivate: (cell: Cell) => void;
}

interface Active {
  row: number;
  column: number;
  at: { x: number; y: number };
}

const STEPS: Record<string, [row: number, column: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

const clamp = (value: number, last: number) => Math.min(last, Math.max(0, value));

/** The active cell: under the pointer, or moved by the arrow keys. */
function useActiveCell(lanes: Lane[], onActivate: (cell: Cell) => void) {
  const [active, setActive] = useState<Active | null>(null);
  const onHover = useCallback(
    (row: number, column: number | null, event: MouseEvent) =>
      setActive(column === null ? null : { row, column, at: { x: event.clientX, y: event.clientY } }),
    [],
  );
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const row = active ? clamp(active.row + step[0], lanes.length - 1) : 0;
      const last = (lanes[row]?.cells.length ?? 1) - 1;
      const column = active ? clamp(active.column + step[1], last) : last;
      const box = document.getElementById(cellId(row, column))?.getBoundingClientRect();
      setActive({ row, column, at: { x: box?.right ?? 0, y: box?.bottom ?? 0 } });
    } else if (event.key === 'Escape') {
      setActive(null);
    } else if (event.key === 'Enter' || event.key === ' ') {
      const cell = active && lanes[active.row]?.cells[active.column];
      if (cell) {
        event.preventDefault();
        onActivate(cell);
      }
    }
  };
  return { active, clear: () => setActive(null), onHover, onKeyDown };
}

/** Services by time, coloured by score. Arrow keys move through the cells, Enter opens one. */
export function SwimLaneChart({ lanes, interval, timeZone, onActivate }: Props) {
  const styles = useStyles2(getStyles);
  const [ref, width] = useWidth<HTMLDivElement>(800);
  const { active, clear, onHover, onKeyDown } = useActiveCell(lanes, onActivate);
  const isMixed = lanes.some(({ simulated }) => simulated) && !lanes.every(({ simulated }) => simulated);
  const lane = active ? lanes[active.row] : undefined;
  const cell = active ? lane?.cells[active.column] : undefined;
  return (
    <div>
      <HatchPattern />
      <div className={styles.headRow} aria-hidden>
        <span>Service</span>
        <span />
        <span className={styles.right}>Peak</span>
        <span className={styles.right}>Lines/min</span>
      </div>
      <div
        role="grid"
        aria-label="Anomaly score by service and time"
        aria-rowcount={lanes.length}
        tabIndex={0}
        className={styles.grid}
        onKeyDown={onKeyDown}
        onBlur={clear}
        {...(active && { 'aria-activedescendant': cellId(active.row, active.column) })}
      >
        {lanes.map((each, row) => (
          <div key={each.service_id} role="row" aria-rowindex={row + 1} className={styles.row}>
            <LaneHead lane={each} isMixed={isMixed} />
            <div className={styles.trace} ref={row === 0 ? ref : undefined} role="presentation">
              <LaneRow
                lane={each}
                row={row}
                width={width}
                interval={interval}
                timeZone={timeZone}
                activeColumn={active?.row === row ? active.column : null}
                onHover={onHover}
                onActivate={onActivate}
              />
            </div>
            <span className={styles.right}>
              {each.peak === null ? '–' : <ScoreValue score={each.peak} />}
            </span>
            <span className={styles.right}>
              {each.lines_per_minute === null ? '–' : formatCount(each.lines_per_minute)}
            </span>
          </div>
        ))}
      </div>
      <div className={styles.row} aria-hidden>
        <span />
        <TimeAxis interval={interval} width={width} timeZone={timeZone} />
      </div>
      <SwimLaneLegend />
      {active && lane && cell && <LaneTooltip lane={lane} cell={cell} at={active.at} timeZone={timeZone} />}
    </div>
  );
}

/** Name of the service, and what to know of it: blind, still learning, simulated among real ones. */
function LaneHead({ lane, isMixed }: { lane: Lane; isMixed: boolean }) {
  const styles = useStyles2(getStyles);
  const percent = Math.floor(lane.progress * 100);
  return (
    <span role="rowheader" className={styles.name}>
      <span className={styles.service} title={`${lane.service} (${lane.environment})`}>
        {lane.service}
      </span>
      <span className={styles.marks}>
        {isMixed && lane.simulated && <span>simulated</span>}
        {lane.is_blind && (
          <Tooltip content="A log source of it can not be read: volume is not judged">
            <span className={styles.blind}>blind</span>
          </Tooltip>
        )}
        {lane.state !== 'ready' && (
          <Tooltip content={`Still learning what is normal (${lane.state}): scores are less certain`}>
            <span>learning {percent} %</span>
          </Tooltip>
        )}
      </span>
    </span>
  );
}

function TimeAxis({ interval, width, timeZone }: { interval: Interval; width: number; timeZone: string }) {
  const styles = useStyles2(getStyles);
  const offset_ms = dateTimeForTimeZone(timeZone, interval.from).utcOffset() * 60_000;
  const isLong = interval.to - interval.from > 36 * 3_600_000;
  return (
    <svg width={width} height={22} className={styles.axis}>
      {axisTicks(interval, width, offset_ms).map((tick) => {
        const x = ((tick - interval.from) / (interval.to - interval.from)) * width;
        const anchor = x < 20 ? 'start' : x > width - 20 ? 'end' : 'middle';
        return (
          <g key={tick}>
            <line x1={x} x2={x} y1={0} y2={5} stroke="currentColor" />
            <text x={x} y={17} textAnchor={anchor} fill="currentColor">
              {isLong
                ? dateTimeForTimeZone(timeZone, tick).format('MM-DD HH:mm')
                : formatClock(tick, timeZone)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function HatchPattern() {
  const theme = useTheme2();
  return (
    <svg width={0} height={0} style={{ position: 'absolute' }} aria-hidden>
      <defs>
        <pattern
          id={HATCH_ID}
          width={6}
          height={6}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width={6} height={6} fill={theme.colors.background.secondary} />
          <rect width={2} height={6} fill={theme.colors.text.secondary} />
        </pattern>
      </defs>
    </svg>
  );
}

const COLUMNS = '210px minmax(0, 1fr) 56px 72px';

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({
    borderTop: `1px solid ${theme.colors.border.weak}`,
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.border}`, outlineOffset: 2 },
  }),
  headRow: css({
    display: 'grid',
    gridTemplateColumns: COLUMNS,
    gap: theme.spacing(1),
    padding: theme.spacing(0, 0, 0.5),
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  row: css({
    display: 'grid',
    gridTemplateColumns: COLUMNS,
    gap: theme.spacing(1),
    alignItems: 'center',
    minHeight: 22,
    '&[role=row]': { borderBottom: `1px solid ${theme.colors.border.weak}`, minHeight: LANE_HEIGHT + 4 },
  }),
  name: css({ display: 'flex', alignItems: 'baseline', justifyContent: 'space-between', minWidth: 0 }),
  service: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  marks: css({
    display: 'inline-flex',
    gap: theme.spacing(1),
    paddingLeft: theme.spacing(1),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  }),
  blind: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightMedium }),
  trace: css({ minWidth: 0, overflow: 'hidden' }),
  right: css({ textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  axis: css({
    display: 'block',
    overflow: 'visible',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
});
