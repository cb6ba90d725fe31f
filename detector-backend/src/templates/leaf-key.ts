import { isUnitAt, isVariable } from './unit.ts';

/** Which leaf of the tree a line belongs to. */
export interface LeafKey {
  text: string;
  /** Tokens before this index (time stamp, level, logger) say nothing about how alike two lines are. */
  header: number;
  /** Index of the word that the key takes after the header, or -1. */
  word: number;
}

/** How far a key looks for a word that is no variable. */
const KEY_REACH = 8;
const LEVELS = new Set('TRACE DEBUG INFO NOTICE WARN WARNING ERROR FATAL CRITICAL SEVERE'.split(' '));

const isLevel = (word: string): boolean => LEVELS.has(word.replace(':', ''));

/** Such as a logger. */
function isDotted(word: string): boolean {
  const dot = word.indexOf('.');
  return dot > 0 && dot < word.length - 1;
}

/**
 * Header fields and the first word of a line, with their places. All of these are the same in every line of a leaf and
 * the tokens before them are variables in every line, so generalising a template never changes its key: a saved
 * pattern leads back to the leaf in which it was made.
 */
export function leafKey(tokens: readonly string[]): LeafKey {
  let text = '';
  let header = 0;
  let hasLogger = false;
  for (let i = 0; i < tokens.length && i < KEY_REACH; i++) {
    const token = tokens[i] as string;
    if (isVariable(token) || isUnitAt(tokens, i)) continue;
    const word = token.trimStart();
    text += `${i}:${token}\n`;
    // A level or a logger is part of a line's head; a second dotted name is rather what the line is about.
    if (!isLevel(word) && (hasLogger || !isDotted(word))) return { text, header, word: i };
    hasLogger ||= isDotted(word);
    header = i + 1;
  }
  return { text, header, word: -1 };
}
