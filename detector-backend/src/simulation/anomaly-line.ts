/** An anomaly as it is printed when it opens. Times are epoch ms of log time. */
export interface OpenedAnomaly {
  service: string;
  anomaly_type: string;
  severity: string;
  /** 0–100. */
  score: number;
  summary: string;
  started_at: number;
  opened_at: number;
  templates: readonly { pattern: string; severity: string; count: number; expected: number }[];
  sample_lines: readonly { timestamp: number; message: string }[];
}

const WIDTH = 160;
const TOP_TEMPLATES = 3;
const COLORS: Record<string, string> = { high: '\x1b[31m', medium: '\x1b[33m', low: '\x1b[36m' };
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const RESET = '\x1b[0m';

/** Log text is written by strangers: its control characters must not reach the terminal. */
const printable = (text: string): string => {
  const flat = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
  return flat.length > WIDTH ? `${flat.slice(0, WIDTH - 1)}…` : flat;
};

const clockOf = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 19).replace('T', ' ');

const countOf = (value: number): string => (value >= 10 ? Math.round(value).toString() : value.toFixed(1));

/** Three to six lines for people: what, where, how bad, which templates, one line of evidence. `color` writes ANSI codes. */
export function anomalyLines(anomaly: OpenedAnomaly, color: boolean): string {
  const paint = (code: string, text: string): string => (color ? `${code}${text}${RESET}` : text);
  const severity = printable(anomaly.severity);
  const heading = [
    paint(COLORS[anomaly.severity] ?? BOLD, `▲ ${severity.toUpperCase()} ${anomaly.score.toFixed(0)}`),
    paint(BOLD, printable(anomaly.service)),
    printable(anomaly.anomaly_type),
    paint(DIM, `since ${clockOf(anomaly.started_at)} UTC, opened ${clockOf(anomaly.opened_at)} UTC`),
  ].join('  ');
  const templates = anomaly.templates.slice(0, TOP_TEMPLATES).map(({ pattern, count, expected }) => {
    const counts = paint(DIM, `${count} lines, ${countOf(expected)} expected`);
    return `    ${printable(pattern)}  ${counts}`;
  });
  const sample = anomaly.sample_lines[0];
  const evidence = sample ? [paint(DIM, `    > ${printable(sample.message)}`)] : [];
  return [heading, `  ${printable(anomaly.summary)}`, ...templates, ...evidence].join('\n');
}
