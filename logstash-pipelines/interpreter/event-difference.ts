import { type FieldMap, type FieldValue, isMap } from './log-event.ts';

/** Where two lists of events differ, one field a line, or null where they are equal. */
export function differences(expected: FieldMap[], actual: FieldMap[]): string | null {
  const lines =
    expected.length === actual.length ? [] : [`expected ${expected.length} events, got ${actual.length}`];
  for (let index = 0; index < Math.min(expected.length, actual.length); index++) {
    const before = expected.length > 1 ? `event ${index + 1} ` : '';
    for (const line of fieldDifferences('', expected[index]!, actual[index]!)) lines.push(before + line);
  }
  return lines.length ? lines.join('\n') : null;
}

function fieldDifferences(
  path: string,
  expected: FieldValue | undefined,
  actual: FieldValue | undefined,
): string[] {
  if (isMap(expected) && isMap(actual)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return names.flatMap((name) => fieldDifferences(`${path}[${name}]`, expected[name], actual[name]));
  }
  if (JSON.stringify(sorted(expected)) === JSON.stringify(sorted(actual))) return [];
  return [`${path}: expected ${shown(expected)}, got ${shown(actual)}`];
}

/** Objects within arrays with their keys in order. */
function sorted(value: FieldValue | undefined): FieldValue | undefined {
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function shown(value: FieldValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
