import { useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { InteractiveTable, PanelChrome, useStyles2, useTheme2, type Column } from '@grafana/ui';
import type { ContributingTemplate } from '../../api/types.ts';
import { formatCount, formatSecond } from '../../components/time-format.ts';
import { featureWords } from '../../vocabulary.ts';
import { LogSeverityLabel } from '../../components/LogSeverityLabel.tsx';
import { TemplatePattern } from './TemplatePattern.tsx';

interface Props {
  templates: ContributingTemplate[];
  timeZone: string;
}

/** Messages that made the window unusual, with what their template leaves open highlighted. */
export function TemplatesPanel({ templates, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const columns = useMemo<Column<ContributingTemplate>[]>(
    () => [
      {
        id: 'severity',
        header: 'Level',
        disableGrow: true,
        cell: ({ row }) => <LogSeverityLabel severity={row.original.severity} />,
      },
      {
        id: 'pattern',
        header: 'Message',
        cell: ({ row }) => <TemplatePattern pattern={row.original.pattern} />,
      },
      {
        id: 'count',
        header: 'Count',
        disableGrow: true,
        cell: ({ row }) => <span className={styles.number}>{formatCount(row.original.count)}</span>,
      },
      {
        id: 'expected',
        header: 'Expected',
        disableGrow: true,
        cell: ({ row }) => <span className={styles.number}>{formatCount(row.original.expected)}</span>,
      },
      {
        id: 'contribution',
        header: 'Share of score',
        disableGrow: true,
        cell: ({ row }) => <ShareBar template={row.original} />,
      },
      {
        id: 'first_at',
        header: 'First line',
        disableGrow: true,
        cell: ({ row }) => (
          <span className={styles.number}>
            {row.original.first_at ? formatSecond(row.original.first_at, timeZone) : 'absent'}
          </span>
        ),
      },
    ],
    [styles, timeZone],
  );
  return (
    <PanelChrome title="Contributing messages" padding="none">
      {templates.length === 0 ? (
        <p className={styles.empty}>
          No single message stands out: the number of lines as a whole is unusual.
        </p>
      ) : (
        <InteractiveTable
          className={styles.table}
          columns={columns}
          data={templates}
          getRowId={(row: ContributingTemplate) => `${row.template_id} ${row.feature}`}
        />
      )}
    </PanelChrome>
  );
}

function ShareBar({ template }: { template: ContributingTemplate }) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  const percent = Math.round(template.contribution * 100);
  return (
    <span className={styles.share} title={`by: ${featureWords(template.feature).name}`}>
      <span className={styles.shareTrack}>
        <span
          style={{
            width: `${Math.min(100, percent)}%`,
            background: theme.visualization.getColorByName('orange'),
          }}
        />
      </span>
      <span className={styles.number}>{percent} %</span>
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    'td, th': { padding: theme.spacing(0.5, 1) },
    th: {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
      '&:nth-of-type(3), &:nth-of-type(4), &:nth-of-type(6)': { textAlign: 'right' },
    },
    td: { verticalAlign: 'top' },
  }),
  number: css({
    display: 'block',
    textAlign: 'right',
    whiteSpace: 'nowrap',
    fontVariantNumeric: 'tabular-nums',
  }),
  share: css({
    display: 'grid',
    gridTemplateColumns: '64px 40px',
    alignItems: 'center',
    gap: theme.spacing(0.5),
  }),
  shareTrack: css({
    height: 10,
    background: theme.colors.background.secondary,
    borderRadius: 2,
    overflow: 'hidden',
    span: { display: 'block', height: '100%' },
  }),
  empty: css({ margin: 0, padding: theme.spacing(2), color: theme.colors.text.secondary }),
});
