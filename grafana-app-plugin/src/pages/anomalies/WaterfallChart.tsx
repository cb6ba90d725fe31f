import type { ReactNode } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import type { Explanation } from '../../api/types.ts';
import { scoreColor } from '../../components/score-bands.ts';
import { formatCount } from '../../components/time-format.ts';
import { waterfallOf, type Waterfall, type WaterfallStep } from './waterfall.ts';

const GRID = [0, 25, 50, 75, 100];

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;

/** How the score came about: base, then each contribution, then the score. A table for assistive technology. */
export function WaterfallChart({ explanation }: { explanation: Explanation }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const waterfall = waterfallOf(explanation);
  return (
    <table className={styles.table} aria-label="Contributions to the score">
      <thead>
        <tr>
          <th scope="col">Contribution</th>
          <th scope="col" className={styles.number}>
            Actual
          </th>
          <th scope="col" className={styles.number}>
            Usual
          </th>
          <th scope="col">
            <Axis waterfall={waterfall} />
          </th>
          <th scope="col" className={styles.number}>
            Points
          </th>
        </tr>
      </thead>
      <tbody>
        <EndRow
          name="Usual score"
          value={waterfall.base}
          waterfall={waterfall}
          color={theme.colors.text.disabled}
        />
        {waterfall.steps.map((step) => (
          <StepRow key={step.feature} step={step} waterfall={waterfall} />
        ))}
        <EndRow
          name="Score"
          value={waterfall.score}
          waterfall={waterfall}
          color={scoreColor(waterfall.score, theme)}
          isTotal
        />
      </tbody>
    </table>
  );
}

const percent = (value: number, [low, high]: Waterfall['axis']): number =>
  ((value - low) / (high - low)) * 100;

function Axis({ waterfall }: { waterfall: Waterfall }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.axis} aria-hidden>
      {GRID.map((value) => (
        <span key={value} style={{ left: `${percent(value, waterfall.axis)}%` }}>
          {value}
        </span>
      ))}
    </div>
  );
}

function Track({ waterfall, children }: { waterfall: Waterfall; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.track} aria-hidden>
      {GRID.map((value) => (
        <span
          key={value}
          className={cx(styles.gridLine, value === 75 && styles.threshold)}
          style={{ left: `${percent(value, waterfall.axis)}%` }}
        />
      ))}
      {children}
    </div>
  );
}

function StepRow({ step, waterfall }: { step: WaterfallStep; waterfall: Waterfall }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const low = Math.min(step.start, step.end);
  const color = theme.visualization.getColorByName(step.shap_value < 0 ? 'blue' : 'orange');
  return (
    <tr>
      <th scope="row">
        <Tooltip content={step.about}>
          <span>{step.name}</span>
        </Tooltip>
      </th>
      <td className={styles.number}>{step.actual === null ? '' : formatCount(step.actual)}</td>
      <td className={styles.number}>{step.expected === null ? '' : formatCount(step.expected)}</td>
      <td>
        <Track waterfall={waterfall}>
          <span
            className={styles.bar}
            style={{
              left: `${percent(low, waterfall.axis)}%`,
              width: `max(2px, ${percent(low + Math.abs(step.shap_value), waterfall.axis) - percent(low, waterfall.axis)}%)`,
              background: color,
            }}
          />
          <span className={styles.link} style={{ left: `${percent(step.end, waterfall.axis)}%` }} />
        </Track>
      </td>
      <td className={styles.number}>{signed(step.shap_value)}</td>
    </tr>
  );
}

interface EndRowProps {
  name: string;
  value: number;
  waterfall: Waterfall;
  color: string;
  isTotal?: boolean;
}

function EndRow({ name, value, waterfall, color, isTotal = false }: EndRowProps) {
  const styles = useStyles2(getStyles);
  const zero = percent(0, waterfall.axis);
  return (
    <tr className={cx(isTotal && styles.total)}>
      <th scope="row" colSpan={3}>
        {name}
      </th>
      <td>
        <Track waterfall={waterfall}>
          <span
            className={styles.bar}
            style={{
              left: `${zero}%`,
              width: `max(2px, ${percent(value, waterfall.axis) - zero}%)`,
              background: color,
            }}
          />
          {!isTotal && (
            <span className={styles.link} style={{ left: `${percent(value, waterfall.axis)}%` }} />
          )}
        </Track>
      </td>
      <td className={styles.number}>{value.toFixed(1)}</td>
    </tr>
  );
}

const ROW = 28;

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    tableLayout: 'auto',
    borderCollapse: 'collapse',
    'th, td': { height: ROW, padding: theme.spacing(0, 0.75) },
    'th:first-child': { paddingLeft: 0, whiteSpace: 'nowrap' },
    'td:last-child, th:last-child': { paddingRight: 0, paddingLeft: theme.spacing(1.5) },
    'td:nth-last-child(2), th:nth-last-child(2)': { width: '48%' },
    'thead th': {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
    },
    'tbody th': { fontWeight: theme.typography.fontWeightRegular },
  }),
  number: css({ textAlign: 'right', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }),
  total: css({
    borderTop: `1px solid ${theme.colors.border.medium}`,
    'th, td': { fontWeight: `${theme.typography.fontWeightMedium} !important` },
  }),
  axis: css({
    position: 'relative',
    height: 16,
    span: { position: 'absolute', transform: 'translateX(-50%)' },
  }),
  track: css({ position: 'relative', height: ROW }),
  gridLine: css({ position: 'absolute', top: 0, bottom: 0, width: 1, background: theme.colors.border.weak }),
  threshold: css({ background: 'none', borderLeft: `1px dashed ${theme.colors.text.secondary}` }),
  bar: css({ position: 'absolute', top: 6, bottom: 6, borderRadius: 2 }),
  link: css({
    position: 'absolute',
    top: 22,
    height: 12,
    width: 1,
    background: theme.colors.text.secondary,
    zIndex: 1,
  }),
});
