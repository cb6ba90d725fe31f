import { isWord } from './mask-class.ts';
import { PLACEHOLDERS } from './mask-placeholder.ts';

/** A word of a tenant: one that differs in the case of its letters is the same. */
interface CustomWord {
  lower: string;
  upper: string;
}

/** By the code of the first letter, small and capital; longer ones first. */
export type WordTable = ReadonlyMap<number, readonly CustomWord[]>;

export function wordTable(words: readonly string[]): WordTable {
  const table = new Map<number, CustomWord[]>();
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    const isPlain = word.toLowerCase().length === word.length && word.toUpperCase().length === word.length;
    const lower = isPlain ? word.toLowerCase() : word;
    const custom = { lower, upper: isPlain ? word.toUpperCase() : word };
    for (const first of new Set([lower.charCodeAt(0), custom.upper.charCodeAt(0)]))
      table.set(first, [...(table.get(first) ?? []), custom]);
  }
  return table;
}

/**
 * End of the custom word that begins at `start`, or 0. No placeholder is one.
 * @param limit there ends a word, whatever follows
 */
export function customEnd(words: WordTable, text: string, start: number, limit = text.length): number {
  for (const custom of words.get(text.charCodeAt(start)) ?? []) {
    const end = start + custom.lower.length;
    if (end <= limit && (end === limit || !isWord(text.charCodeAt(end))) && isSame(text, start, custom)) {
      return PLACEHOLDERS.includes(text.slice(start - 1, end + 1)) ? 0 : end;
    }
  }
  return 0;
}

function isSame(text: string, start: number, { lower, upper }: CustomWord): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(start + i);
    if (code !== lower.charCodeAt(i) && code !== upper.charCodeAt(i)) return false;
  }
  return true;
}
