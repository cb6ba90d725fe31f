import { type Position } from './config-ast.ts';
import { ConfigError } from './config-error.ts';

/** A place in the text of a configuration, with the terminals of Logstash's grammar. */
export type ConfigText = {
  readonly file: string;
  readonly text: string;
  place: number;
};

/** Line and column of a place. */
export function positionOf(source: ConfigText, place = source.place): Position {
  const before = source.text.slice(0, place);
  const line = before.split('\n').length;
  return { line, column: place - before.lastIndexOf('\n') };
}

export function fail(source: ConfigText, message: string, place = source.place): never {
  throw new ConfigError(source.file, positionOf(source, place), message);
}

/** What stands at the place, for messages. */
export function shown(source: ConfigText): string {
  if (source.place >= source.text.length) return 'the end of the file';
  return JSON.stringify(source.text.slice(source.place, source.place + 20).split('\n')[0] || '\n');
}

/** Eats white space and comments (rule `cs`). */
export function skip(source: ConfigText): void {
  const rest = /(?:[ \t\r\n]+|#[^\r\n]*(?:\r?\n|$))*/y;
  rest.lastIndex = source.place;
  rest.exec(source.text);
  source.place = rest.lastIndex;
}

export function looksAt(source: ConfigText, word: string): boolean {
  return source.text.startsWith(word, source.place);
}

export function take(source: ConfigText, pattern: RegExp): RegExpExecArray | null {
  const sticky = new RegExp(pattern.source, 'y');
  sticky.lastIndex = source.place;
  const match = sticky.exec(source.text);
  if (match) source.place = sticky.lastIndex;
  return match;
}

export function expect(source: ConfigText, word: string, where: string): void {
  if (!looksAt(source, word)) fail(source, `expected ${word} ${where}, found ${shown(source)}`);
  source.place += word.length;
}

/**
 * A quoted string, or null. No escape is processed (`config.support_escapes: false`): a backslash before a quote keeps
 * the string open and stays in the value.
 */
export function takeString(source: ConfigText): string | null {
  const quote = source.text[source.place];
  if (quote !== '"' && quote !== "'") return null;
  const match = take(source, quote === '"' ? /"(?:\\"|(?!\\")[^"])*"/ : /'(?:\\'|(?!\\')[^'])*'/);
  if (!match) fail(source, `the string that begins here has no closing ${quote}`);
  return match[0].slice(1, -1);
}

/** The values between `[` and `]`, with commas between them; `what` names the whole in errors. */
export function takeItems<T>(source: ConfigText, what: string, takeItem: (source: ConfigText) => T): T[] {
  expect(source, '[', `before ${what}`);
  const items: T[] = [];
  skip(source);
  while (!looksAt(source, ']')) {
    if (items.length) {
      expect(source, ',', `between the values of ${what}`);
      skip(source);
    }
    items.push(takeItem(source));
    skip(source);
  }
  source.place++;
  return items;
}
