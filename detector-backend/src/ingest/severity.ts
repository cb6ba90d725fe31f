import type { Severity } from '../logstore/log-store.ts';

/** Words for severities in syslog, log4j, Python, .NET, Go, OpenTelemetry and java.util.logging. */
const WORDS = new Map<string, Severity>(
  Object.entries({
    trace: 'trace',
    trc: 'trace',
    finest: 'trace',
    finer: 'trace',
    verbose: 'trace',
    debug: 'debug',
    dbg: 'debug',
    fine: 'debug',
    d: 'debug',
    info: 'info',
    information: 'info',
    informational: 'info',
    inf: 'info',
    notice: 'info',
    audit: 'info',
    config: 'info',
    i: 'info',
    warn: 'warn',
    warning: 'warn',
    wrn: 'warn',
    w: 'warn',
    error: 'error',
    err: 'error',
    severe: 'error',
    failure: 'error',
    e: 'error',
    fatal: 'fatal',
    critical: 'fatal',
    crit: 'fatal',
    alert: 'fatal',
    emerg: 'fatal',
    emergency: 'fatal',
    panic: 'fatal',
    f: 'fatal',
    unknown: 'unknown',
  } satisfies Record<string, Severity>),
);
/** RFC 5424: emergency, alert, critical, error, warning, notice, informational, debug. */
const SYSLOG: Severity[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];
/** pino and bunyan. */
const TENS: Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Severity of a client's word or number (syslog 0–7, pino 10–60), or null when it means nothing to us. */
export function normaliseSeverity(value: string | number): Severity | null {
  if (typeof value === 'number') return fromNumber(value);
  if (value.length > 20) return null;
  const word = value.trim().toLowerCase();
  return WORDS.get(word) ?? (/^\d{1,2}$/.test(word) ? fromNumber(Number(word)) : null);
}

function fromNumber(value: number): Severity | null {
  return (value < 8 ? SYSLOG[value] : value % 10 === 0 ? TENS[value / 10 - 1] : undefined) ?? null;
}

/** How far into a line its level is looked for: a file name, two dates, a host and a process id fit before it. */
const HEAD = 160;
// In capitals a level word is a level; in small letters it is one only where prose has none: in brackets, after
// `level=`, or before a colon at the start.
const CAPITALS =
  /(?<![A-Za-z0-9_])(?:TRACE|FINEST|FINER|VERBOSE|DEBUG|FINE|INFO|INFORMATION|NOTICE|AUDIT|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|EMERGENCY|PANIC)(?![A-Za-z0-9_])/;
const MARKED =
  /^\W{0,3}(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|panic)\s?:|\[\s?(?:[a-z0-9_]+:)?(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg)\s?\]|"?(?:level|lvl|severity|log\.level|loglevel)"?\s?[=:]\s?"?([a-z]+)/i;
/** klog and glog: `E0626 03:21:04.036`; logcat: `06-26 03:21:04.036  1702  2395 W tag`. */
const LETTER = /^([IWEF])\d{4} \d\d:|^\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+\d+\s+\d+ ([VDIWEF]) /;

/**
 * Severity that a log line states about itself, e.g. `2018-06-26 03:21:04.036 4899 WARNING oslo_config.cfg [-] …`.
 * Lines that state none (stack frames, continuation lines, prose) are `unknown`.
 */
export function inferSeverity(message: string): Severity {
  const head = message.length > HEAD ? message.slice(0, HEAD) : message;
  const capital = CAPITALS.exec(head);
  if (capital !== null) return WORDS.get(capital[0].toLowerCase()) ?? 'unknown';
  const marked = MARKED.exec(head) ?? LETTER.exec(head);
  const word = marked?.slice(1).find((group) => group !== undefined);
  if (word === undefined) return 'unknown';
  return word === 'V' ? 'trace' : (WORDS.get(word.toLowerCase()) ?? 'unknown');
}
