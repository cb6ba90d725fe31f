import type { Tokenizer } from './tokenizer-state.ts';

const USER_OF = new Set('for by from of as to invalid unknown illegal'.split(' '));

const isUserWord = (text: string, start: number, end: number): boolean =>
  end - start === 4 && text.slice(start, end).toLowerCase() === 'user';

/** Whether the word at `start` is a user's name, as in `user=root` and `for user root`, not what happened to a user. */
export function isUserName(
  { text, key_start, key_end, before_start, before_end }: Tokenizer,
  start: number,
): boolean {
  if (!isUserWord(text, key_start, key_end)) return false;
  const code = text.charCodeAt(start - 1);
  if (code === 61) return true;
  return (
    code === 32 &&
    before_end === key_start - 1 &&
    USER_OF.has(text.slice(before_start, before_end).toLowerCase())
  );
}
