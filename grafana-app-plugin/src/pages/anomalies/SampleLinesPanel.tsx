import { useState, type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import {
  Button,
  ClipboardButton,
  IconButton,
  InlineSwitch,
  PanelChrome,
  Stack,
  useStyles2,
} from '@grafana/ui';
import type { AnomalyDetail, SampleLine } from '../../api/types.ts';
import { LinesAround } from './LinesAround.tsx';
import { formatMillisecond, LogLines } from './LogLines.tsx';
import { MissingLines } from './MissingLines.tsx';

interface Props {
  anomaly: AnomalyDetail;
  timeZone: string;
}

const asText = (lines: SampleLine[]): string =>
  lines
    .map(({ timestamp, severity, message }) => `${timestamp} ${severity.toUpperCase()} ${message}`)
    .join('\n');

/** Lines of the worst minute and those just before it, as they were stored after masking; around each, what is there now. */
export function SampleLinesPanel({ anomaly, timeZone }: Props) {
  const [isWrapped, setWrapped] = useState(true);
  /** Which line is open, by its place. */
  const [opened, setOpened] = useState<number | null>(null);
  const { sample_lines, lines_before, unread_sources } = anomaly.explanation;
  const shown = { timeZone, isWrapped };
  const around = (at: string) => <LinesAround key={at} anomaly_id={anomaly.id} at={at} {...shown} />;
  return (
    <PanelChrome
      title="Sample lines"
      actions={
        sample_lines.length > 0 ? (
          <Stack direction="row" gap={1} alignItems="center">
            <InlineSwitch
              label="Wrap"
              showLabel
              transparent
              value={isWrapped}
              onChange={(event) => setWrapped(event.currentTarget.checked)}
            />
            <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => asText(sample_lines)}>
              Copy
            </ClipboardButton>
          </Stack>
        ) : undefined
      }
    >
      <MissingLines sources={unread_sources} />
      {lines_before.length > 0 && (
        <LogLines label="Lines just before" lines={lines_before} isFaint {...shown} />
      )}
      {sample_lines.length === 0 ? (
        <NoLines
          isSilent={anomaly.explanation.lines.actual === 0}
          isOpen={opened !== null}
          onToggle={() => setOpened(opened === null ? 0 : null)}
        >
          {around(anomaly.explanation.started_at)}
        </NoLines>
      ) : (
        <LogLines
          label="Sample lines"
          lines={sample_lines}
          {...shown}
          renderToggle={({ timestamp }, index) => (
            <IconButton
              name={opened === index ? 'angle-down' : 'angle-right'}
              aria-label={`Lines around ${formatMillisecond(timestamp, timeZone)}`}
              aria-expanded={opened === index}
              onClick={() => setOpened(opened === index ? null : index)}
            />
          )}
          renderBelow={({ timestamp }, index) => opened === index && around(timestamp)}
        />
      )}
    </PanelChrome>
  );
}

interface NoLinesProps {
  isSilent: boolean;
  isOpen: boolean;
  onToggle: () => void;
  children: ReactNode;
}

function NoLines({ isSilent, isOpen, onToggle, children }: NoLinesProps) {
  const styles = useStyles2(getStyles);
  return (
    <>
      <p className={styles.empty}>
        {isSilent
          ? 'There are no lines to show: the service was silent in this minute.'
          : 'No line was kept with this anomaly.'}
      </p>
      <Button
        size="sm"
        variant="secondary"
        icon={isOpen ? 'angle-down' : 'angle-right'}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        Lines around the start
      </Button>
      {isOpen && children}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  empty: css({ margin: theme.spacing(0, 0, 1), color: theme.colors.text.secondary }),
});
