const MAX_WORD = 40;
const MAX_WORDS = 64;
const MAX_CHARACTERS = 4096;

/**
 * Words of a text for the search over templates: runs of letters and digits, in lower case, each once, cut to 40
 * characters; the first 64 of the first 4,096 characters.
 */
export function wordsOf(text: string): string[] {
  const words =
    text
      .slice(0, MAX_CHARACTERS)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.map(shortWord))].slice(0, MAX_WORDS);
}

// By code points: half a surrogate pair can not be stored.
const shortWord = (word: string): string =>
  word.length <= MAX_WORD ? word : [...word].slice(0, MAX_WORD).join('');
