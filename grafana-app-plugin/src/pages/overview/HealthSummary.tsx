import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { Service, Status } from '../../api/types.ts';
import { healthFigures, type Figure } from './health.ts';

export function HealthSummary({ status, services }: { status: Status; services: Service[] }) {
  const styles = useStyles2(getStyles);
  return (
    <dl className={styles.strip} aria-label="Health of the detector">
      {healthFigures(status, services).map((figure) => (
        <FigureCard key={figure.label} figure={figure} />
      ))}
    </dl>
  );
}

function FigureCard({ figure }: { figure: Figure }) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  const edge: Record<Figure['tone'], string> = {
    good: theme.colors.success.border,
    warning: theme.colors.warning.border,
    bad: theme.colors.error.border,
    plain: theme.colors.border.medium,
  };
  return (
    <div className={styles.card} style={{ borderTopColor: edge[figure.tone] }}>
      <dt className={styles.label}>
        {figure.href ? <a href={figure.href}>{figure.label}</a> : figure.label}
      </dt>
      <dd className={styles.value}>{figure.value}</dd>
      <dd className={styles.note} title={figure.note}>
        {figure.note}
      </dd>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(165px, 1fr))',
    gap: theme.spacing(1),
    margin: 0,
  }),
  card: css({
    minWidth: 0,
    padding: theme.spacing(1, 1.5),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderTop: '3px solid',
    borderRadius: theme.shape.radius.default,
  }),
  label: css({
    a: { textDecoration: 'underline dotted', '&:hover': { color: theme.colors.text.link } },
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightRegular,
  }),
  value: css({
    margin: 0,
    fontSize: theme.typography.h4.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    lineHeight: 1.3,
    whiteSpace: 'nowrap',
  }),
  note: css({
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    display: '-webkit-box',
    WebkitLineClamp: 2,
    WebkitBoxOrient: 'vertical',
    overflow: 'hidden',
  }),
});
