import { PanelChrome } from '@grafana/ui';
import type { LogSource, LogSourceHealth } from '../../api/log-source-types.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { formatShare, isUnread, sourceState, unminedText } from '../../components/source-state.ts';
import { SourceStateBadge } from '../../components/SourceStateBadge.tsx';
import { formatCount, formatDuration, formatFull } from '../../components/time-format.ts';

interface Props {
  source: LogSource;
  /** Undefined until it is loaded. */
  health: LogSourceHealth | undefined;
  timeZone: string;
}

/** How well the source is read, in numbers. */
export function HealthPanel({ source, health, timeZone }: Props) {
  const time = (value: string | null | undefined) => (value ? formatFull(value, timeZone) : '–');
  return (
    <PanelChrome title="Health">
      <Facts>
        <Fact name="State" about={sourceState(source).meaning}>
          <SourceStateBadge source={source} />
        </Fact>
        <Fact name="Lag">
          {source.lag_seconds === null ? '–' : formatDuration(source.lag_seconds * 1000)}
        </Fact>
        <Fact name="Read up to">{time(source.cursor_at)}</Fact>
        <Fact name="Last read">{time(health?.last_read_at)}</Fact>
        {health?.last_error_at && (
          <Fact name="Last error" about={isUnread(source) ? undefined : (health.last_error ?? undefined)}>
            {time(health.last_error_at)}
          </Fact>
        )}
        <Fact name="Lines read">{formatCount(source.lines_read)}</Fact>
        <Fact name="Late lines" about="found when their slice was counted again">
          {formatCount(source.lines_late)}
        </Fact>
        <Fact name="Re-read slices" about="because their count grew">
          {formatCount(source.slices_reread ?? 0)}
        </Fact>
        <Fact name="Coverage" about={unminedText(source) ?? 'of the lines were mined for messages'}>
          {source.lines_read === 0 ? '–' : formatShare(source.coverage)}
        </Fact>
      </Facts>
    </PanelChrome>
  );
}
