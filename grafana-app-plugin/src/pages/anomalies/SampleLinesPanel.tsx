import { useState } from 'react';
import { css, cx } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, InlineSwitch, PanelChrome, Stack, useStyles2, useTheme2 } from '@grafana/ui';
import type { SampleLine } from '../../api/types.ts';
import { logSeverityColor } from '../../components/LogSeverityLabel.tsx';

interface Props {
  lines: SampleLine[];
  timeZone: string;
}

const asText = (lines: SampleLine[]): string =>
  lines
    .map(({ timestamp, severity, message }) => `${timestamp} ${severity.toUpperCase()} ${message}`)
    .join('\n');

/** Lines of the worst minute, as they were stored after masking. */
export function SampleLinesPanel({ lines, timeZone }: Props) {
  const theme = useTheme2();
  const styles = useStyles2(getStyles);
  const [isWrapped, setWrapped] = useState(true);
  return (
    <PanelChrome
      title="Sample lines"
      actions={
        lines.length > 0 ? (
          <Stack direction="row" gap={1} alignItems="center">
            <InlineSwitch
              label="Wrap"
              showLabel
              transparent
              value={isWrapped}
              onChange={(event) => setWrapped(event.currentTarget.checked)}
            />
            <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => asText(lines)}>
              Copy
            </ClipboardButton>
          </Stack>
        ) : undefined
      }
    >
      {lines.length === 0 ? (
        <p className={styles.empty}>There are no lines to show: the service was silent in this minute.</p>
      ) : (
        <div className={styles.box} tabIndex={0} role="group" aria-label="Sample lines">
          {lines.map((line, index) => (
            <div key={index} className={cx(styles.line, isWrapped && styles.wrapped)}>
              <span className={styles.time}>
                {dateTimeFormat(Date.parse(line.timestamp), { timeZone, format: 'HH:mm:ss.SSS' })}
              </span>
              <span style={{ color: logSeverityColor(line.severity, theme) }}>{line.severity.padEnd(5)}</span>
              <span className={styles.message}>{line.message}</span>
            </div>
          ))}
        </div>
      )}
    </PanelChrome>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({
    overflowX: 'auto',
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: 1.6,
  }),
  line: css({ display: 'flex', gap: theme.spacing(1.5), whiteSpace: 'pre' }),
  wrapped: css({ whiteSpace: 'pre-wrap' }),
  time: css({ color: theme.colors.text.secondary, flexShrink: 0 }),
  message: css({ overflowWrap: 'anywhere' }),
  empty: css({ margin: 0, color: theme.colors.text.secondary }),
});
