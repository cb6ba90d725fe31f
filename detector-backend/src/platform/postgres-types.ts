import pg from 'pg';

const TIMESTAMPTZ_ARRAY = 1185;
const INT8_ARRAY = 1016;

/** Epoch ms, rounded down to whole ms; ±Infinity for `infinity`. Expects the ISO style in a whole-hour zone (we connect in UTC). */
function parseTimestamp(text: string): number {
  if (text === 'infinity') return Infinity;
  if (text === '-infinity') return -Infinity;
  return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}

function parseArray<T>(text: string, parse: (element: string) => T): (T | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((element) => (element === 'NULL' ? null : parse(element.replaceAll('"', ''))));
}

/**
 * How our pools read values. `timestamptz` becomes epoch ms, the unit of all times inside the process; `bigint` (counts,
 * template ids of 53 bits) fits a double. Trap: `sum(bigint)` is `numeric` and stays text: cast it.
 */
export const postgresTypes = new pg.TypeOverrides();
postgresTypes.setTypeParser(pg.types.builtins.INT8, Number);
postgresTypes.setTypeParser(pg.types.builtins.TIMESTAMPTZ, parseTimestamp);
postgresTypes.setTypeParser(INT8_ARRAY as number, (text: string) => parseArray(text, Number));
postgresTypes.setTypeParser(TIMESTAMPTZ_ARRAY as number, (text: string) => parseArray(text, parseTimestamp));
