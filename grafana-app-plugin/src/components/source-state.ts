import type { LogSource } from '../api/log-source-types.ts';
import { SOURCE_STATUS_NAMES } from '../vocabulary.ts';
import { formatCount, formatDuration } from './time-format.ts';

/** How a source does, in words: `name` is short, `meaning` says what follows from it. */
export interface SourceState {
  name: string;
  meaning: string;
  color: 'green' | 'orange' | 'red' | 'blue' | 'darkgrey';
  icon: 'check' | 'clock-nine' | 'eye-slash' | 'exclamation-circle' | 'pause' | 'sync' | 'hourglass';
}

type Stateful = Pick<LogSource, 'status' | 'cursor_at'> & Partial<Pick<LogSource, 'backfill'>>;

export function sourceState({ status, cursor_at, backfill }: Stateful): SourceState {
  const name = SOURCE_STATUS_NAMES[status];
  const isRead = status === 'ok' || status === 'behind';
  if (isRead && backfill) {
    return { name: 'Catching up', meaning: 'reads older lines first', color: 'blue', icon: 'sync' };
  }
  if (status === 'ok' && cursor_at === null) {
    return { name: 'Waiting', meaning: 'no line has come yet', color: 'darkgrey', icon: 'hourglass' };
  }
  switch (status) {
    case 'ok':
      return { name, meaning: 'read up to now', color: 'green', icon: 'check' };
    case 'behind':
      return { name, meaning: 'reads slower than lines come', color: 'orange', icon: 'clock-nine' };
    case 'blind':
      return { name, meaning: 'its services are not judged', color: 'red', icon: 'eye-slash' };
    case 'error':
      return { name, meaning: 'not read, tried again', color: 'red', icon: 'exclamation-circle' };
    case 'disabled':
      return { name, meaning: 'not read', color: 'darkgrey', icon: 'pause' };
  }
}

/** True where lines are not read although they should be. */
export const isUnread = ({ status }: Pick<LogSource, 'status'>): boolean =>
  status === 'blind' || status === 'error';

/** `3 %`, `0.4 %`, `under 0.1 %` of a share in 0–1. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) {
    return 'under 0.1 %';
  }
  // Rounded down from above 99, so that nothing looks whole that is not.
  const rounded = percent >= 99 ? Math.floor(percent * 10) / 10 : percent;
  return `${Number(rounded.toFixed(percent < 10 || percent >= 99 ? 1 : 0))} %`;
}

/** `3 % of lines counted but not mined`, or null when every line was mined. */
export function unminedText({
  coverage,
  lines_unmined,
}: Pick<LogSource, 'coverage' | 'lines_unmined'>): string | null {
  if (coverage >= 1) {
    return null;
  }
  const lines = lines_unmined > 0 ? ` (${formatCount(lines_unmined)} lines in all)` : '';
  return `${formatShare(1 - coverage)} of lines counted but not mined${lines}`;
}

/** `about 4 min to go`. */
export const timeToGo = (seconds_left: number | null): string =>
  seconds_left === null ? 'time to go not known yet' : `about ${formatDuration(seconds_left * 1000)} to go`;
