import type { ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { AnomalyDetail } from '../../api/types.ts';
import { KindBadges, SeverityBadge, SimulatedBadge, StatusBadge } from '../../components/badges.tsx';
import { formatScore, scoreColor } from '../../components/score-bands.ts';
import { formatCount, formatDuration, formatFull } from '../../components/time-format.ts';
import { rarityOf } from '../../vocabulary.ts';
import { episodeEnd } from './timeline.ts';

interface Props {
  anomaly: AnomalyDetail;
  timeZone: string;
}

/** The figures of an anomaly in one strip: how bad, since when, how unlikely. */
export function AnomalyFacts({ anomaly, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { explanation, model_version } = anomaly;
  const started = Date.parse(anomaly.started_at);
  const delay = Math.max(0, Date.parse(anomaly.opened_at) - started);
  return (
    <div className={styles.strip}>
      <div className={styles.score} style={{ borderColor: scoreColor(anomaly.score, theme) }}>
        <span className={styles.big}>{formatScore(anomaly.score)}</span>
        <span className={styles.muted}>of 100</span>
        <span className={styles.note}>
          {rarityOf(anomaly.score)} of this service on a normal day. 75 means a tail probability of 1e-6 per
          service-minute.
        </span>
      </div>
      <dl className={styles.facts}>
        <Fact name="Severity">
          <SeverityBadge severity={anomaly.severity} />
        </Fact>
        <Fact name="Status">
          <span className={styles.badges}>
            <StatusBadge status={anomaly.status} />
            {anomaly.simulated && <SimulatedBadge />}
          </span>
        </Fact>
        <Fact name="Kind">
          <KindBadges kinds={anomaly.kinds} />
        </Fact>
        <Fact name="Service">
          {anomaly.service} <span className={styles.muted}>{anomaly.environment}</span>
        </Fact>
        <Fact name="Lines, worst minute">
          {formatCount(explanation.lines.actual)}
          <span className={styles.muted}>, {formatCount(explanation.lines.expected)} expected</span>
        </Fact>
        <Fact name="Started">{formatFull(anomaly.started_at, timeZone)}</Fact>
        <Fact name={anomaly.status === 'open' ? 'Going on for' : 'Lasted'}>
          {formatDuration(episodeEnd(anomaly) - started)}
        </Fact>
        <Fact name="Opened after">{formatDuration(delay)}</Fact>
        <Fact name="Model">
          {model_version ? `${model_version.name} ${model_version.version}` : 'baselines alone'}
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1.5, 3),
    padding: theme.spacing(1.5),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  score: css({
    flex: '0 1 250px',
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    alignItems: 'baseline',
    alignContent: 'start',
    columnGap: theme.spacing(1),
    paddingLeft: theme.spacing(1.5),
    borderLeft: '5px solid',
  }),
  big: css({ fontSize: 36, lineHeight: 1.1, fontWeight: theme.typography.fontWeightMedium }),
  note: css({
    gridColumn: '1 / -1',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  muted: css({ color: theme.colors.text.secondary }),
  facts: css({
    flex: '1 1 560px',
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(150px, 1fr))',
    gap: theme.spacing(1, 2),
    margin: 0,
  }),
  fact: css({
    minWidth: 0,
    dt: {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
    },
    dd: { margin: 0 },
  }),
  badges: css({ display: 'inline-flex', flexWrap: 'wrap', gap: theme.spacing(0.5) }),
});
