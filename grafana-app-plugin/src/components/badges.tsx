import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import type { AnomalySeverity, AnomalyStatus, AnomalyType } from '../api/types.ts';
import { KIND_NAMES, rarityOf, SCORE_MEANING, SEVERITY_NAMES, STATUS_NAMES } from '../vocabulary.ts';
import { formatScore, scoreColor, severityColor } from './score-bands.ts';

export function SeverityBadge({ severity }: { severity: AnomalySeverity }) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.severity}>
      <span className={styles.dot} style={{ background: severityColor(severity, theme) }} />
      {SEVERITY_NAMES[severity]}
    </span>
  );
}

export function ScoreValue({ score }: { score: number }) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  return (
    <Tooltip content={`${rarityOf(score)}. ${SCORE_MEANING}`}>
      <span className={styles.score} style={{ borderColor: scoreColor(score, theme) }}>
        {formatScore(score)}
      </span>
    </Tooltip>
  );
}

export function KindBadges({ kinds }: { kinds: readonly AnomalyType[] }) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.kinds}>
      {kinds.map((kind) => (
        <Badge key={kind} text={KIND_NAMES[kind]} color="darkgrey" />
      ))}
    </span>
  );
}

const STATUS_COLORS = { open: 'red', resolved: 'green', withdrawn: 'darkgrey' } as const;

export function StatusBadge({ status }: { status: AnomalyStatus }) {
  return (
    <Badge
      text={STATUS_NAMES[status]}
      color={STATUS_COLORS[status]}
      {...(status === 'withdrawn' && {
        tooltip: 'Late lines changed the windows, and the score fell below the threshold',
      })}
    />
  );
}

export function SimulatedBadge() {
  return <Badge text="simulated" color="purple" tooltip="Made by the simulated shop, not by a real system" />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  severity: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    whiteSpace: 'nowrap',
  }),
  dot: css({ width: 10, height: 10, borderRadius: theme.shape.radius.circle, flexShrink: 0 }),
  score: css({
    display: 'inline-block',
    minWidth: 42,
    padding: theme.spacing(0, 0.75),
    borderLeft: '4px solid',
    background: theme.colors.background.secondary,
    borderRadius: 1,
    fontVariantNumeric: 'tabular-nums',
    fontWeight: theme.typography.fontWeightMedium,
    textAlign: 'right',
  }),
  kinds: css({ display: 'inline-flex', flexWrap: 'wrap', gap: theme.spacing(0.5), verticalAlign: 'middle' }),
});
