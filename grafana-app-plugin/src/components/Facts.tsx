import type { ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

/** Names and values side by side, as many a row as fit. */
export function Facts({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return <dl className={styles.facts}>{children}</dl>;
}

export function Fact({ name, about, children }: { name: string; about?: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {about && <dd className={styles.about}>{about}</dd>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  facts: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(170px, 1fr))',
    gap: theme.spacing(1.5, 2),
    margin: 0,
  }),
  fact: css({
    minWidth: 0,
    overflowWrap: 'anywhere',
    dt: {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
    },
    dd: { margin: 0 },
  }),
  about: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
