/** Length of an embedding. */
export const DIMENSIONS = 64;
const GRAM = 3;
const MAX_WORDS = 128;
/** A whole word says more than one of its parts. */
const WORD_WEIGHT = 2;

/** How many templates of a tree have a word, for {@link embed}. */
export interface WordFrequencies {
  templates: number;
  words: ReadonlyMap<string, number>;
}

export const NO_FREQUENCIES: WordFrequencies = { templates: 0, words: new Map() };

export function wordFrequencies(patterns: Iterable<string>): WordFrequencies {
  const words = new Map<string, number>();
  let templates = 0;
  for (const pattern of patterns) {
    templates++;
    for (const word of new Set(patternWords(pattern))) words.set(word, (words.get(word) ?? 0) + 1);
  }
  return { templates, words };
}

/** Words of letters and digits in small letters, `getUserById` as three; placeholders with their brackets. */
function patternWords(pattern: string): string[] {
  const words = pattern.match(/<(?:[A-Z]+|\*)>|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu) ?? [];
  return words.slice(0, MAX_WORDS).map((word) => word.toLowerCase());
}

/**
 * A vector of unit length (zero for a pattern without words) whose dot product with another one says how much two patterns
 * have in common, 1 if everything: hashed sub-word n-grams (Bojanowski et al., Enriching Word Vectors with Subword
 * Information, TACL 2017; Weinberger et al., Feature Hashing, ICML 2009), a word weighted by how few templates have it.
 */
export function embed(pattern: string, frequencies: WordFrequencies): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of patternWords(pattern)) {
    const weight = Math.log((1 + frequencies.templates) / (1 + (frequencies.words.get(word) ?? 0))) + 1;
    if (word.startsWith('<')) {
      add(vector, word, weight / WORD_WEIGHT);
      continue;
    }
    add(vector, word, WORD_WEIGHT * weight);
    const bounded = `^${word}$`;
    const grams = bounded.length - GRAM + 1;
    for (let i = 0; i < grams; i++) add(vector, bounded.slice(i, i + GRAM), weight / Math.sqrt(grams));
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => Math.fround(value / length));
}

// Two of 64 places each with its sign, so that two grams that meet in one place seldom do so in the other.
function add(vector: number[], gram: string, weight: number): void {
  const hash = hashOf(gram);
  for (const bits of [hash & 127, (hash >>> 7) & 127]) {
    const at = bits & (DIMENSIONS - 1);
    vector[at] = (vector[at] as number) + (bits & DIMENSIONS ? weight : -weight);
  }
}

/** FNV-1a with a final mix (Murmur 3), so that low bits depend on all characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Cosine of two vectors of unit length. */
export const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
