import { formatTime } from './joda-format.ts';
import { type FieldValue, getField, type LogEvent, TIMESTAMP } from './log-event.ts';
import { LogTimestamp } from './log-timestamp.ts';

/**
 * Replaces `%{field}`, `%{+JODA}`, `%{+%s}`, `%{{TIME_NOW}}` and `%{{java.time}}` as `StringInterpolation.java` does; a missing field stays as it is written.
 */
export function sprintf(event: LogEvent, template: string): string {
  return template.replace(
    /%\{\{([^}]*)\}\}|%\{([^}]*)\}/g,
    (whole, javaTime: string | undefined, inner: string | undefined) => {
      const time = event.fields[TIMESTAMP];
      if (javaTime === 'TIME_NOW') return event.now.toString();
      if (javaTime !== undefined)
        return time instanceof LogTimestamp ? formatTime(javaTime, time.epoch_ms) : '';
      if (inner === '+%s')
        return time instanceof LogTimestamp ? String(Math.floor(time.epoch_ms / 1000)) : '';
      if (inner!.startsWith('+'))
        return time instanceof LogTimestamp ? formatTime(inner!.slice(1), time.epoch_ms) : '';
      const value = getField(event, inner!);
      return value === undefined || value === null ? whole : interpolated(value);
    },
  );
}

function interpolated(value: FieldValue): string {
  if (Array.isArray(value)) return value.map((item) => (item === null ? '' : interpolated(item))).join(',');
  if (typeof value === 'object' && !(value instanceof LogTimestamp)) return JSON.stringify(value);
  return String(value);
}
