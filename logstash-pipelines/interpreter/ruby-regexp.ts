import fs from 'node:fs';
import { createRequire } from 'node:module';
import onig, { type FindOption, type OnigString, type Syntax } from 'vscode-oniguruma';

// Logstash runs on JRuby, whose engine (Joni) is a port of Oniguruma: the WASM build of Oniguruma speaks the same dialect.
const require = createRequire(import.meta.url);
const wasm = require.resolve('vscode-oniguruma/release/onig.wasm');
await onig.loadWASM(new Uint8Array(fs.readFileSync(wasm)).buffer);

// The package declares const enums, which single-file compilation cannot read: their numbers are written here.
const MULTILINE = 4 as FindOption;
const NONE = 1 as FindOption;
const RUBY = 10 as Syntax;

export type RegexpMatch = {
  index: number;
  end: number;
  text: string;
  /** Groups from 1 on; undefined where a group took no part. */
  groups: (string | undefined)[];
};

export type RubyRegexp = {
  source: string;
  /** Names of the groups in their order, where the expression has named groups. */
  names: string[];
  exec: (text: string, from?: number) => RegexpMatch | null;
};

const KNOWN = new Map<string, RubyRegexp>();

/**
 * Compiles a Ruby expression. Where it has named groups, others are not captured, as in Ruby; `^` and `$` are line ends.
 * @param dotAll Ruby's `m`: the dot matches a line break
 * @throws Error with Oniguruma's message for a faulty expression
 */
export function rubyRegexp(source: string, dotAll = false): RubyRegexp {
  const key = `${dotAll}${source}`;
  const known = KNOWN.get(key);
  if (known) return known;
  const { plain, names } = plainNames(source);
  const scanner = new onig.OnigScanner([plain], { options: [dotAll ? MULTILINE : NONE], syntax: RUBY });
  const compiled: RubyRegexp = { source, names, exec: (text, from = 0) => matched(scanner, text, from) };
  KNOWN.set(key, compiled);
  return compiled;
}

// The text of the last search, already in the memory of the WASM module: one text is searched many times in a row.
let last: OnigString | null = null;

function onigString(text: string): OnigString {
  if (last?.content === text) return last;
  last?.dispose();
  last = new onig.OnigString(text);
  return last;
}

function matched(
  scanner: InstanceType<typeof onig.OnigScanner>,
  text: string,
  from: number,
): RegexpMatch | null {
  const match = scanner.findNextMatchSync(onigString(text), from);
  if (!match) return null;
  const [whole, ...groups] = match.captureIndices;
  return {
    index: whole!.start,
    end: whole!.end,
    text: text.slice(whole!.start, whole!.end),
    // An absent group is reported as (4294967295, 4294967295).
    groups: groups.map((group) =>
      group.start > text.length ? undefined : text.slice(group.start, group.end),
    ),
  };
}

// In Ruby these are ASCII while \b and [[:alpha:]] know all letters; Oniguruma's own option would change \b too.
const ASCII_CLASSES: Record<string, string> = {
  '\\w': '[0-9A-Za-z_]',
  '\\W': '[^0-9A-Za-z_]',
  '\\d': '[0-9]',
  '\\D': '[^0-9]',
  '\\s': '[ \\t\\r\\n\\f\\v]',
  '\\S': '[^ \\t\\r\\n\\f\\v]',
};

const ESCAPE = /\\./gs;
const TOKENS = /\\k<([^>]+)>|\\g<([^>]+)>|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\(\?<([^=!>][^>]*)>/gs;

/**
 * The expression as Oniguruma takes it: every named group has a plain, unique name (`[process][name]`, or a name that stands
 * twice, would be refused or merged), and the classes of Ruby are written out.
 */
function plainNames(source: string): { plain: string; names: string[] } {
  const names: string[] = [];
  const plain = source.replace(TOKENS, (whole, back?: string, call?: string, name?: string) => {
    if (name !== undefined) return `(?<g${names.push(name)}>`;
    const used = back ?? call;
    if (used === undefined) return whole.replace(ESCAPE, (escape) => ASCII_CLASSES[escape] ?? escape);
    const index = names.indexOf(used);
    return index < 0 ? whole : `\\${back === undefined ? 'g' : 'k'}<g${index + 1}>`;
  });
  return { plain, names };
}

/** Ruby's `gsub` with a text (`\1`, `\0`, `\k<name>`, `\\` in it). */
export function rubyGsub(text: string, regexp: RubyRegexp, replacement: string): string {
  let result = '';
  let place = 0;
  for (const match of rubyScan(text, regexp)) {
    result += text.slice(place, match.index) + filled(replacement, match, regexp);
    place = match.end;
  }
  return result + text.slice(place);
}

function filled(replacement: string, match: RegexpMatch, regexp: RubyRegexp): string {
  return replacement.replace(/\\(?:([0-9])|(&)|k<([^>]+)>|(\\))/g, (_whole, digit, all, name, backslash) => {
    if (backslash) return '\\';
    if (all || digit === '0') return match.text;
    return match.groups[name === undefined ? Number(digit) - 1 : regexp.names.indexOf(name)] ?? '';
  });
}

/** Every match, as Ruby's `scan`. */
export function* rubyScan(text: string, regexp: RubyRegexp): Generator<RegexpMatch> {
  for (let place = 0; place <= text.length;) {
    const match = regexp.exec(text, place);
    if (!match) return;
    yield match;
    place = match.end > match.index ? match.end : match.end + 1;
  }
}

/** Ruby's `Regexp.escape`. */
export function rubyQuote(text: string): string {
  return text.replace(
    /[.*?+^$|\\()[\]{}\-#\s]/g,
    (sign) => ({ '\n': '\\n', '\t': '\\t', '\r': '\\r' })[sign] ?? `\\${sign}`,
  );
}
