/** How far a back-fill or a replay has come. */
export interface Progress {
  phase: string;
  /** 0–100, or null where there is no end. */
  percent: number | null;
  lines: number;
  lines_per_second: number;
  eta_seconds: number | null;
  /** Log time reached, epoch ms. */
  at_ms: number;
}

/** What can be shown: log time is left out where nobody knows it. */
export type ShownProgress = Omit<Progress, 'at_ms'> & { at_ms: number | null };

/** Where the bar is drawn: standard error in the product. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressBar {
  update(progress: ShownProgress): void;
  /** Prints text above the bar. */
  print(text: string): void;
  /** Leaves the last state on the screen. */
  done(): void;
}

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const PLAIN_MS = 5_000;
const CLEAR_LINE = '\r\x1b[2K';

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One line: phase, bar, percentage, lines, rate, time left, log time. */
export function progressText({
  phase,
  percent,
  lines,
  lines_per_second,
  eta_seconds,
  at_ms,
}: ShownProgress): string {
  const filled = percent === null ? 0 : Math.round((Math.min(100, Math.max(0, percent)) / 100) * BAR_WIDTH);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
  return [
    phase.padEnd(9),
    ...(percent === null ? [] : [bar, `${percent.toFixed(1).padStart(5)} %`]),
    `${thousands(lines)} lines`,
    `${thousands(lines_per_second)} lines/s`,
    ...(eta_seconds === null ? [] : [`${duration(eta_seconds)} left`]),
    ...(at_ms === null ? [] : [`log time ${new Date(at_ms).toISOString().slice(0, 19)}Z`]),
  ].join('  ');
}

/** A single rewritten line on a terminal, else a plain line every few seconds. `now` is epoch ms. */
export function createProgressBar(stream: ProgressStream, now: () => number): ProgressBar {
  const is_tty = stream.isTTY === true;
  let drawn = '';
  let latest = '';
  let phase = '';
  let drawn_at = Number.NEGATIVE_INFINITY;

  const draw = (): void => {
    if (latest === drawn) return;
    drawn = latest;
    // A line longer than the terminal wraps and can not be rewritten.
    stream.write(is_tty ? CLEAR_LINE + latest.slice(0, (stream.columns ?? 80) - 1) : `${latest}\n`);
  };
  return {
    update(progress) {
      latest = progressText(progress);
      const changed = progress.phase !== phase;
      if (!changed && now() - drawn_at < (is_tty ? REDRAW_MS : PLAIN_MS)) return;
      phase = progress.phase;
      drawn_at = now();
      draw();
    },
    print(text) {
      if (!is_tty || drawn === '') {
        stream.write(`${text}\n`);
        return;
      }
      stream.write(`${CLEAR_LINE}${text}\n`);
      drawn = '';
      draw();
    },
    done() {
      if (latest === '') return;
      draw();
      if (is_tty) stream.write('\n');
      latest = '';
      drawn = '';
    },
  };
}
