import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { LogSeverity } from '../api/types.ts';

export const logSeverityColor = (severity: LogSeverity, theme: GrafanaTheme2): string => {
  const colors: Record<LogSeverity, string> = {
    fatal: theme.visualization.getColorByName('purple'),
    error: theme.colors.error.text,
    warn: theme.colors.warning.text,
    info: theme.colors.info.text,
    debug: theme.colors.text.secondary,
    trace: theme.colors.text.secondary,
    unknown: theme.colors.text.secondary,
  };
  return colors[severity];
};

export function LogSeverityLabel({ severity }: { severity: LogSeverity }) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.label} style={{ color: logSeverityColor(severity, theme) }}>
      {severity}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  label: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
  }),
});
