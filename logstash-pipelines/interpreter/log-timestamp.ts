/** A point in time of an event: epoch milliseconds, and the digits beyond them (Logstash keeps nanoseconds). */
export class LogTimestamp {
  readonly epoch_ms: number;
  readonly below_ms: string;

  constructor(epochMs: number, belowMs = '') {
    this.epoch_ms = epochMs;
    this.below_ms = belowMs.replace(/0+$/, '');
  }

  /** ISO 8601 in UTC, at least milliseconds: `2026-01-15T12:00:00.000Z`. */
  toString(): string {
    const iso = new Date(this.epoch_ms).toISOString();
    return this.below_ms ? iso.replace('Z', `${this.below_ms}Z`) : iso;
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * A time stamp from ISO 8601 text as `LogStash::Timestamp.coerce` takes it (a missing zone is UTC), or null.
 * Only what JSON documents carry: `2026-01-15`, `2026-01-15T12:00:00(.digits)(Z|+02:00|+0200)`.
 */
export function timestampFromText(text: string): LogTimestamp | null {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(
      text.trim(),
    );
  if (!match) return null;
  const [, day, hour = '00', minute = '00', second = '00', digits = '', zone = 'Z'] = match;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const fraction = digits.padEnd(3, '0');
  const epochMs = Date.parse(`${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3)}${offset}`);
  return Number.isNaN(epochMs) ? null : new LogTimestamp(epochMs, fraction.slice(3));
}
