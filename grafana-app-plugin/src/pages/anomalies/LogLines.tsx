import type { ReactNode } from 'react';
import { css, cx } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { SampleLine } from '../../api/types.ts';
import { logSeverityColor } from '../../components/LogSeverityLabel.tsx';

export const formatMillisecond = (time: string, timeZone: string): string =>
  dateTimeFormat(Date.parse(time), { timeZone, format: 'HH:mm:ss.SSS' });

interface Props {
  /** Names the group for those who do not see it. */
  label: string;
  lines: SampleLine[];
  timeZone: string;
  isWrapped: boolean;
  isFaint?: boolean;
  /** Lines of this time stand out. */
  at?: string;
  /** What stands before a line, and below it. */
  renderToggle?: (line: SampleLine, index: number) => ReactNode;
  renderBelow?: (line: SampleLine, index: number) => ReactNode;
}

/** Log lines as they were stored after masking, one below the other. */
export function LogLines({ label, lines, timeZone, isWrapped, isFaint, at, ...render }: Props) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  return (
    <div className={cx(styles.box, isFaint && styles.faint)} tabIndex={0} role="group" aria-label={label}>
      {lines.map((line, index) => (
        <div key={index}>
          <div
            className={cx(styles.line, isWrapped && styles.wrapped, line.timestamp === at && styles.chosen)}
          >
            {render.renderToggle?.(line, index)}
            <span className={styles.time}>{formatMillisecond(line.timestamp, timeZone)}</span>
            <span style={{ color: logSeverityColor(line.severity, theme) }}>{line.severity.padEnd(5)}</span>
            <span className={styles.message}>{line.message}</span>
          </div>
          {render.renderBelow?.(line, index)}
        </div>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({
    overflowX: 'auto',
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: 1.6,
  }),
  // As far in as lines that have a toggle.
  faint: css({ color: theme.colors.text.secondary, padding: theme.spacing(0, 0, 0.5, 4) }),
  line: css({
    display: 'flex',
    gap: theme.spacing(1.5),
    whiteSpace: 'pre',
    '> button': { alignSelf: 'flex-start', marginTop: 2 },
  }),
  wrapped: css({ whiteSpace: 'pre-wrap' }),
  chosen: css({ background: theme.colors.background.secondary }),
  time: css({ color: theme.colors.text.secondary, flexShrink: 0 }),
  message: css({ overflowWrap: 'anywhere' }),
});
