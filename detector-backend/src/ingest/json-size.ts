/**
 * Lower bound of the bytes of a JSON value (characters of its keys and strings, a few for the rest), or null when it nests
 * deeper than `depth`. Stops at that depth, so a value made to exhaust the stack can not.
 */
export function measureJson(value: unknown, depth: number): number | null {
  if (typeof value === 'string') return value.length + 2;
  if (value === null || typeof value !== 'object') return 4;
  if (depth === 0) return null;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = measureJson(item, depth - 1);
      if (inner === null) return null;
      size += inner + 1;
    }
    return size;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const inner = measureJson(object[key], depth - 1);
    if (inner === null) return null;
    size += key.length + 4 + inner;
  }
  return size;
}
