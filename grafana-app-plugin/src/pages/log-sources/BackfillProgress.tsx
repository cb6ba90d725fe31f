import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Backfill } from '../../api/log-source-types.ts';
import { timeToGo } from '../../components/source-state.ts';

interface Props {
  backfill: Backfill;
  /** Of the source. */
  name: string;
  /** How far back it was told to read; null for everything. */
  hours: number | null;
}

/** How far a new source has come with the hours before it was added. */
export function BackfillProgress({ backfill, name, hours }: Props) {
  const styles = useStyles2(getStyles);
  const percent = Math.floor(Math.min(1, Math.max(0, backfill.progress)) * 100);
  return (
    <div className={styles.backfill}>
      <span>{hours === null ? 'Reads what was there before it' : `Reads the last ${hours} h first`}</span>
      <div
        className={styles.track}
        role="progressbar"
        aria-label={`Backfill of ${name}`}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className={styles.bar} style={{ width: `${percent}%` }} />
      </div>
      <span className={styles.number}>
        {percent} %, {timeToGo(backfill.seconds_left)}
      </span>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  backfill: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5, 1.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  track: css({
    flex: '1 1 160px',
    maxWidth: 360,
    height: 8,
    overflow: 'hidden',
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.pill,
  }),
  bar: css({ height: '100%', background: theme.colors.info.main }),
  number: css({ fontVariantNumeric: 'tabular-nums' }),
});
