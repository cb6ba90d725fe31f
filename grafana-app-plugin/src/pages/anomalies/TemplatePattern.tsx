import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

/** `<*>`, `<num>`, `<ip>`: what varies between the lines of a template. */
const PLACEHOLDER = /(<(?:\*|[a-z_]{1,24})>)/i;

export function TemplatePattern({ pattern }: { pattern: string }) {
  const styles = useStyles2(getStyles);
  return (
    <code className={styles.pattern}>
      {pattern.split(PLACEHOLDER).map((part, index) =>
        index % 2 === 1 ? (
          <mark key={index} className={styles.placeholder}>
            {part}
          </mark>
        ) : (
          part
        ),
      )}
    </code>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pattern: css({
    padding: 0,
    margin: 0,
    border: 'none',
    background: 'none',
    color: theme.colors.text.primary,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
  placeholder: css({
    padding: theme.spacing(0, 0.25),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.info.transparent,
    color: theme.colors.info.text,
  }),
});
