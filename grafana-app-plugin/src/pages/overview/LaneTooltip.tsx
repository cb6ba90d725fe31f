import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Portal, useStyles2 } from '@grafana/ui';
import { SeverityBadge } from '../../components/badges.tsx';
import { bandOf, formatScore, SCORE_BANDS } from '../../components/score-bands.ts';
import { formatCount, formatSpan } from '../../components/time-format.ts';
import type { Cell, Lane } from './swim-lane.ts';

const WIDTH = 300;
const OFFSET = 14;

interface Props {
  lane: Lane;
  cell: Cell;
  /** Where the pointer or the active cell is, in px of the viewport. */
  at: { x: number; y: number };
  timeZone: string;
}

const scoreText = (cell: Cell): string => {
  if (cell.score === null) {
    return cell.is_blind ? 'not judged: a source could not be read' : 'not judged';
  }
  return `${formatScore(cell.score)} (${SCORE_BANDS[bandOf(cell.score)]?.meaning})`;
};

export function LaneTooltip({ lane, cell, at, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const left = at.x + OFFSET + WIDTH > window.innerWidth ? at.x - OFFSET - WIDTH : at.x + OFFSET;
  const isLow = at.y > window.innerHeight - 200;
  const change = lane.changes.find(({ occurred_at }) => {
    const time = Date.parse(occurred_at);
    return time >= cell.from && time < cell.to;
  });
  const place = isLow ? { bottom: window.innerHeight - at.y + OFFSET } : { top: at.y + OFFSET };
  return (
    <Portal>
      <div role="tooltip" className={styles.box} style={{ left: Math.max(4, left), ...place }}>
        <div className={styles.head}>
          <strong>{lane.service}</strong>
          <span>{formatSpan(cell.from, cell.to, timeZone)}</span>
        </div>
        <dl className={styles.rows}>
          <dt>Score</dt>
          <dd>{scoreText(cell)}</dd>
          <dt>Lines</dt>
          <dd>{cell.lines === null ? '–' : formatCount(cell.lines)}</dd>
          {cell.is_blind && (
            <>
              <dt>Blind</dt>
              <dd>volume is not judged</dd>
            </>
          )}
          {change && (
            <>
              <dt>Change</dt>
              <dd>
                {change.kind} {change.title}
              </dd>
            </>
          )}
        </dl>
        {cell.anomaly && (
          <div className={styles.anomaly}>
            <SeverityBadge severity={cell.anomaly.severity} />
            <span>{cell.anomaly.summary}</span>
          </div>
        )}
        <div className={styles.hint}>{cell.anomaly ? 'Click to open the anomaly' : 'Click to zoom in'}</div>
      </div>
    </Portal>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({
    position: 'fixed',
    zIndex: theme.zIndex.tooltip,
    width: WIDTH,
    padding: theme.spacing(1, 1.25),
    background: theme.colors.background.elevated ?? theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    boxShadow: theme.shadows.z2,
    fontSize: theme.typography.bodySmall.fontSize,
    pointerEvents: 'none',
  }),
  head: css({ display: 'flex', justifyContent: 'space-between', fontVariantNumeric: 'tabular-nums' }),
  rows: css({
    display: 'grid',
    gridTemplateColumns: '52px 1fr',
    margin: theme.spacing(0.5, 0, 0),
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0 },
  }),
  anomaly: css({
    display: 'flex',
    flexDirection: 'column',
    marginTop: theme.spacing(0.75),
    paddingTop: theme.spacing(0.75),
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  hint: css({ marginTop: theme.spacing(0.5), color: theme.colors.text.secondary }),
});
