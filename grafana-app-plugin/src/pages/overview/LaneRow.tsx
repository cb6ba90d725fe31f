import { memo, type MouseEvent } from 'react';
import { useTheme2 } from '@grafana/ui';
import type { Interval } from '../../api/windows.ts';
import { formatScore, scoreColor } from '../../components/score-bands.ts';
import { formatClock } from '../../components/time-format.ts';
import type { Cell, Lane } from './swim-lane.ts';

export const LANE_HEIGHT = 30;
/** Highest bar: a score of 100. */
const BAR_MAX = 22;
const BAR_MIN = 3;
/** Pattern of cells whose source could not be read; defined once in the chart. */
export const HATCH_ID = 'seismolog-blind';

interface Props {
  lane: Lane;
  row: number;
  width: number;
  interval: Interval;
  timeZone: string;
  activeColumn: number | null;
  onHover: (row: number, column: number | null, event: MouseEvent) => void;
  onActivate: (cell: Cell) => void;
}

export const cellId = (row: number, column: number): string => `seismolog-cell-${row}-${column}`;

export const describeCell = (lane: Lane, cell: Cell, timeZone: string): string => {
  const span = `${formatClock(cell.from, timeZone)} to ${formatClock(cell.to, timeZone)}`;
  const score = cell.score === null ? 'not judged' : `score ${formatScore(cell.score)}`;
  return [lane.service, span, cell.is_blind ? `${score}, blind` : score, cell.anomaly && 'anomaly']
    .filter(Boolean)
    .join(', ');
};

/** Trace of one service: bars around the middle line, as high as the score, like the trace of a seismograph. */
export const LaneRow = memo(function LaneRow(props: Props) {
  const { lane, row, width, interval, timeZone, activeColumn, onHover, onActivate } = props;
  const cellWidth = width / Math.max(1, lane.cells.length);
  const columnAt = (event: MouseEvent<SVGSVGElement>): number => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    return Math.min(lane.cells.length - 1, Math.max(0, Math.floor(x / cellWidth)));
  };
  return (
    <svg
      width={width}
      height={LANE_HEIGHT}
      style={{ display: 'block', cursor: 'pointer' }}
      onMouseMove={(event) => onHover(row, columnAt(event), event)}
      onMouseLeave={(event) => onHover(row, null, event)}
      onClick={(event) => {
        const cell = lane.cells[columnAt(event)];
        return cell && onActivate(cell);
      }}
    >
      {lane.cells.map((cell, column) => (
        <LaneCell
          key={cell.from}
          id={cellId(row, column)}
          label={describeCell(lane, cell, timeZone)}
          cell={cell}
          x={column * cellWidth}
          width={cellWidth}
          isActive={column === activeColumn}
        />
      ))}
      <ChangeMarks lane={lane} interval={interval} width={width} />
    </svg>
  );
});

interface CellProps {
  id: string;
  label: string;
  cell: Cell;
  x: number;
  width: number;
  isActive: boolean;
}

function LaneCell({ id, label, cell, x, width, isActive }: CellProps) {
  const theme = useTheme2();
  const middle = LANE_HEIGHT / 2 - 1;
  const gap = width > 6 ? 1.5 : 0.5;
  const height = cell.score === null ? 0 : Math.max(BAR_MIN, (cell.score / 100) * BAR_MAX);
  return (
    <g id={id} role="gridcell" aria-label={label}>
      {cell.anomaly && (
        <rect
          x={x}
          width={width + 0.5}
          y={LANE_HEIGHT - 2}
          height={2}
          fill={cell.anomaly.status === 'withdrawn' ? theme.colors.text.disabled : theme.colors.text.primary}
        />
      )}
      {cell.is_blind && (
        <rect x={x} width={width + 0.5} y={3} height={LANE_HEIGHT - 6} fill={`url(#${HATCH_ID})`} />
      )}
      {cell.score !== null && (
        <rect
          x={x + gap / 2}
          width={Math.max(1, width - gap)}
          y={middle - height / 2}
          height={height}
          rx={Math.min(1.5, height / 2)}
          fill={scoreColor(cell.score, theme)}
        />
      )}
      {isActive && (
        <rect
          x={x + 0.5}
          width={Math.max(3, width - 1)}
          y={0.5}
          height={LANE_HEIGHT - 1}
          rx={2}
          fill="none"
          stroke={theme.colors.text.maxContrast}
          strokeWidth={1.5}
        />
      )}
    </g>
  );
}

function ChangeMarks({ lane, interval, width }: { lane: Lane; interval: Interval; width: number }) {
  const theme = useTheme2();
  const color = theme.visualization.getColorByName('purple');
  return (
    <g pointerEvents="none" aria-hidden>
      {lane.changes.map((change) => {
        const at = Date.parse(change.occurred_at);
        const x = ((at - interval.from) / (interval.to - interval.from)) * width;
        return (
          <g key={change.id}>
            <line
              x1={x}
              x2={x}
              y1={0}
              y2={LANE_HEIGHT}
              stroke={color}
              strokeWidth={1.5}
              strokeDasharray="3 2"
            />
            <path d={`M${x - 4.5} 0h9l-4.5 7z`} fill={color} />
          </g>
        );
      })}
    </g>
  );
}
