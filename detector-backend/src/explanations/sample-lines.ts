import type { SampleLine } from '../logstore/log-store.ts';

export const MAX_SAMPLE_LINES = 10;
const MAX_MESSAGE = 2000;

/** True when the literal parts of a template's pattern (what is not `<…>`) occur in the message, in order. Linear. */
export function matchesPattern(pattern: string, message: string): boolean {
  const text = message.replace(/\s+/g, ' ');
  let from = 0;
  for (const literal of pattern.split(/<[^<>\s]*>/)) {
    const part = literal.trim();
    if (part === '') continue;
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/**
 * At most ten lines, oldest first: first those of the contributing templates, a few of each before many of one, then
 * others around them.
 */
export function chooseLines(lines: readonly SampleLine[], patterns: readonly string[]): SampleLine[] {
  const chosen = new Set<SampleLine>();
  const groups = patterns.map((pattern) => lines.filter((line) => matchesPattern(pattern, line.message)));
  for (let round = 0; round < MAX_SAMPLE_LINES && chosen.size < MAX_SAMPLE_LINES; round++) {
    for (const group of groups) {
      const line = group[round];
      if (line && chosen.size < MAX_SAMPLE_LINES) chosen.add(line);
    }
  }
  for (const line of lines) if (chosen.size < MAX_SAMPLE_LINES) chosen.add(line);
  return lines.filter((line) => chosen.has(line)).map(shortened);
}

/** A line with at most 2,000 characters of its message. */
export const shortened = (line: SampleLine): SampleLine =>
  line.message.length <= MAX_MESSAGE ? line : { ...line, message: `${line.message.slice(0, MAX_MESSAGE)}…` };
