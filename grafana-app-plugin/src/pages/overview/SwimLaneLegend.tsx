import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { bandColors, SCORE_BANDS } from '../../components/score-bands.ts';
import { SCORE_MEANING } from '../../vocabulary.ts';
import { HATCH_ID } from './LaneRow.tsx';

const SIZE = 14;

export function SwimLaneLegend() {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  const colors = bandColors(theme);
  const change = theme.visualization.getColorByName('purple');
  return (
    <div className={styles.legend} aria-label="Legend">
      <Tooltip content={SCORE_MEANING}>
        <span className={styles.title}>Score</span>
      </Tooltip>
      {SCORE_BANDS.map((band, index) => {
        const height = Math.max(3, ((band.from + 15) / 105) * SIZE);
        return (
          <span key={band.from} className={styles.item} title={band.meaning}>
            <svg width={10} height={SIZE} aria-hidden>
              <rect width={10} y={(SIZE - height) / 2} height={height} rx={1.5} fill={colors[index]} />
            </svg>
            {band.label}
          </span>
        );
      })}
      <span className={styles.item} title="A source could not be read: volume is not judged">
        <svg width={SIZE} height={SIZE} aria-hidden>
          <rect width={SIZE} height={SIZE} fill={`url(#${HATCH_ID})`} />
        </svg>
        blind
      </span>
      <span className={styles.item}>
        <svg width={SIZE} height={SIZE} aria-hidden>
          <rect width={SIZE} y={SIZE - 4} height={2} fill={theme.colors.text.primary} />
        </svg>
        anomaly
      </span>
      <span className={styles.item}>
        <svg width={10} height={SIZE} aria-hidden>
          <line x1={5} x2={5} y1={0} y2={SIZE} stroke={change} strokeWidth={1.5} strokeDasharray="3 2" />
          <path d="M0.5 0h9l-4.5 7z" fill={change} />
        </svg>
        deploy or change
      </span>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  legend: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5, 2),
    paddingTop: theme.spacing(1),
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  title: css({ borderBottom: `1px dotted ${theme.colors.text.secondary}`, cursor: 'help' }),
  item: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.5), whiteSpace: 'nowrap' }),
});
