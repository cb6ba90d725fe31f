import { useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, InteractiveTable, TextLink, Tooltip, useStyles2, type Column } from '@grafana/ui';
import type { Anomaly } from '../api/types.ts';
import { pagePaths, type TimeQuery } from '../paths.ts';
import { KindBadges, ScoreValue, SeverityBadge, SimulatedBadge, StatusBadge } from './badges.tsx';
import { formatDuration, formatFull, formatShort } from './time-format.ts';

interface Props {
  anomalies: Anomaly[];
  timeZone: string;
  /** End of the clock that durations of open anomalies run to, epoch ms. */
  now: number;
  /** Time range to keep in the links. */
  timeQuery: TimeQuery;
  showStatus?: boolean;
  /** Simulated rows are marked one by one unless the page says it for all. */
  markSimulated?: boolean;
}

const durationOf = (anomaly: Anomaly, now: number): number => {
  const end = anomaly.status === 'open' ? now : Date.parse(anomaly.last_seen_at);
  return end - Date.parse(anomaly.started_at);
};

/** Anomalies with the sentence that explains each; the sentence leads to the anomaly. */
export function AnomalyTable(props: Props) {
  const { anomalies, timeZone, now, timeQuery, showStatus = false, markSimulated = false } = props;
  const styles = useStyles2(getStyles);
  const { from, to } = timeQuery;
  const columns = useMemo<Column<Anomaly>[]>(
    () => [
      {
        id: 'score',
        header: 'Score',
        disableGrow: true,
        cell: ({ row }) => <ScoreValue score={row.original.score} />,
      },
      {
        id: 'severity',
        header: 'Severity',
        disableGrow: true,
        cell: ({ row }) => <SeverityBadge severity={row.original.severity} />,
      },
      {
        id: 'service',
        header: 'Service',
        disableGrow: true,
        cell: ({ row }) => (
          <span className={styles.service}>
            {row.original.service}
            <small>{row.original.environment}</small>
          </span>
        ),
      },
      {
        id: 'summary',
        header: 'What happened',
        cell: ({ row }) => (
          <span className={styles.summary}>
            <TextLink inline={false} color="primary" href={pagePaths.anomaly(row.original.id, { from, to })}>
              {row.original.summary}
            </TextLink>
            <KindBadges kinds={row.original.kinds} />
            {markSimulated && row.original.simulated && <SimulatedBadge />}
          </span>
        ),
      },
      {
        id: 'status',
        header: 'Status',
        disableGrow: true,
        visible: () => showStatus,
        cell: ({ row }) => <StatusBadge status={row.original.status} />,
      },
      {
        id: 'started_at',
        header: 'Started',
        disableGrow: true,
        cell: ({ row }) => (
          <Tooltip content={formatFull(row.original.started_at, timeZone)}>
            <span className={styles.number}>{formatShort(row.original.started_at, now, timeZone)}</span>
          </Tooltip>
        ),
      },
      {
        id: 'duration',
        header: 'Duration',
        disableGrow: true,
        cell: ({ row }) => (
          <span className={styles.number}>{formatDuration(durationOf(row.original, now))}</span>
        ),
      },
      {
        id: 'feedback',
        header: 'Feedback',
        disableGrow: true,
        cell: ({ row }) => <FeedbackCount anomaly={row.original} />,
      },
    ],
    [styles, timeZone, now, from, to, showStatus, markSimulated],
  );
  return (
    <InteractiveTable
      className={styles.table}
      columns={columns}
      data={anomalies}
      getRowId={(row: Anomaly) => row.id}
    />
  );
}

function FeedbackCount({ anomaly }: { anomaly: Anomaly }) {
  const styles = useStyles2(getStyles);
  const { true_positive, false_positive } = anomaly.feedback;
  if (true_positive + false_positive === 0) {
    return <span className={styles.muted}>–</span>;
  }
  return (
    <span
      className={styles.feedback}
      aria-label={`${true_positive} called it a true positive, ${false_positive} a false positive`}
    >
      {true_positive > 0 && (
        <>
          <Icon name="check" size="sm" /> {true_positive}
        </>
      )}
      {false_positive > 0 && (
        <>
          <Icon name="times" size="sm" /> {false_positive}
        </>
      )}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    'td, th': { padding: theme.spacing(0.75, 1) },
    'th:first-of-type, td:first-of-type': { paddingLeft: theme.spacing(1) },
    th: {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
    },
    td: { verticalAlign: 'middle' },
  }),
  service: css({
    display: 'inline-flex',
    flexDirection: 'column',
    lineHeight: 1.25,
    small: { color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize },
  }),
  summary: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.25, 1) }),
  number: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  feedback: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.25),
    whiteSpace: 'nowrap',
  }),
  muted: css({ color: theme.colors.text.secondary }),
});
