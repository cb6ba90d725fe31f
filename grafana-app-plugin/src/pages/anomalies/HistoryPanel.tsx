import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, PanelChrome, useStyles2 } from '@grafana/ui';
import type { AnomalyAlert, AnomalyDetail, AnomalyEvent } from '../../api/types.ts';
import { formatScore } from '../../components/score-bands.ts';
import { formatFull } from '../../components/time-format.ts';
import { SEVERITY_NAMES } from '../../vocabulary.ts';

const EVENT_NAMES: Record<AnomalyEvent['event'], string> = {
  opened: 'Opened',
  escalated: 'Escalated',
  resolved: 'Resolved',
  withdrawn: 'Withdrawn',
};

const ALERT_COLORS = { sent: 'green', pending: 'orange', failed: 'red', suppressed: 'darkgrey' } as const;

interface Props {
  anomaly: AnomalyDetail;
  timeZone: string;
}

/** What became of the episode, and who was told. */
export function HistoryPanel({ anomaly, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const alertsOf = (event: AnomalyEvent['event']) => anomaly.alerts.filter((alert) => alert.event === event);
  return (
    <PanelChrome title="Events and alerts">
      <ol className={styles.list}>
        {anomaly.events.map((event) => (
          <li key={event.event}>
            <div className={styles.event}>
              <strong>{EVENT_NAMES[event.event]}</strong>
              <span className={styles.muted}>
                {SEVERITY_NAMES[event.severity]}, score {formatScore(event.score)}
              </span>
              <time className={styles.time} dateTime={event.occurred_at}>
                {formatFull(event.occurred_at, timeZone)}
              </time>
            </div>
            {alertsOf(event.event).map((alert) => (
              <AlertRow key={alert.id} alert={alert} timeZone={timeZone} />
            ))}
          </li>
        ))}
      </ol>
      {anomaly.alerts.length === 0 && (
        <p className={styles.none}>No alert policy matched, so nobody was told.</p>
      )}
    </PanelChrome>
  );
}

function AlertRow({ alert, timeZone }: { alert: AnomalyAlert; timeZone: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.alert}>
      <Badge
        text={alert.status}
        color={ALERT_COLORS[alert.status]}
        tooltip={alert.status_reason ?? undefined}
      />
      <span className={styles.receiver}>
        {alert.integration}
        <span className={styles.muted}>
          {' '}
          by {alert.policy}
          {alert.status !== 'sent' && alert.status_reason && `: ${alert.status_reason}`}
        </span>
      </span>
      {alert.sent_at && (
        <time className={styles.time} dateTime={alert.sent_at}>
          {formatFull(alert.sent_at, timeZone)}
        </time>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    margin: 0,
    padding: 0,
    listStyle: 'none',
    'li + li': {
      marginTop: theme.spacing(1),
      borderTop: `1px solid ${theme.colors.border.weak}`,
      paddingTop: theme.spacing(1),
    },
  }),
  event: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0, 1), alignItems: 'baseline' }),
  alert: css({
    display: 'flex',
    gap: theme.spacing(1),
    alignItems: 'baseline',
    paddingTop: theme.spacing(0.5),
  }),
  receiver: css({ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }),
  muted: css({ color: theme.colors.text.secondary }),
  time: css({
    marginLeft: 'auto',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
  }),
  none: css({ margin: theme.spacing(1, 0, 0), color: theme.colors.text.secondary }),
});
