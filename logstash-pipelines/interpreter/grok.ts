import fs from 'node:fs';
import path from 'node:path';
import { type RegexpMatch, type RubyRegexp, rubyRegexp } from './ruby-regexp.ts';

/** Pattern names to expressions. */
export type GrokPatterns = Map<string, string>;

const NAME =
  /%\{(?<name>(?<pattern>[A-z0-9]+)(?::(?<subname>[@[\]A-z0-9_:.-]+))?)(?:=(?<definition>(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*\})+))?[^}]*\}/s;

/** Most replacements of one expression, as in jls-grok: more means that a pattern contains itself. */
const MOST_REPLACEMENTS = 10_000;

/** Reads pattern files: a name, white space, an expression on each line; `#` begins a comment. */
export function readPatterns(folders: string[]): GrokPatterns {
  const patterns: GrokPatterns = new Map();
  for (const folder of folders)
    for (const file of fs.readdirSync(folder).sort()) {
      if (/\.(md|txt)$|^(NOTICE|LICENSE)/.test(file)) continue;
      for (const line of fs.readFileSync(path.join(folder, file), 'utf8').split('\n')) {
        const match = /^\s*([^\s#]\S*)\s+(.*?)\r?$/.exec(line);
        if (match) patterns.set(match[1]!, match[2]!);
      }
    }
  return patterns;
}

/**
 * Replaces every `%{NAME}` and `%{NAME:field:type}` by its expression, as jls-grok does.
 * @throws Error for a name that no pattern has
 */
export function expandGrok(expression: string, patterns: GrokPatterns, namedOnly: boolean): string {
  const known = new Map(patterns);
  let expanded = expression;
  for (let count = 0; ; count++) {
    const match = NAME.exec(expanded);
    if (!match) return expanded;
    if (count > MOST_REPLACEMENTS)
      throw new Error(`the pattern ${JSON.stringify(expression)} contains itself`);
    const { name, pattern, subname, definition } = match.groups as Record<string, string | undefined>;
    if (definition !== undefined) known.set(pattern!, definition);
    const body = known.get(pattern!);
    if (body === undefined) throw new Error(`pattern ${match[0]} not defined`);
    const replacement = namedOnly && subname === undefined ? `(?:${body})` : `(?<${name}>${body})`;
    expanded = expanded.slice(0, match.index) + replacement + expanded.slice(match.index + match[0].length);
  }
}

export type GrokCapture = { field: string; value: string | number | undefined };

export type Grok = { expression: string; match: (text: string) => GrokCapture[] | null };

/** Compiles a grok expression; @throws Error for an undefined name or a faulty expression. */
export function compileGrok(expression: string, patterns: GrokPatterns, namedOnly = true): Grok {
  // jls-grok compiles with Ruby's MULTILINE, so that `.`, and with it GREEDYDATA, crosses line breaks.
  const regexp = rubyRegexp(expandGrok(expression, patterns, namedOnly), true);
  const order = captureOrder(regexp);
  return {
    expression,
    match: (text) => {
      const match = regexp.exec(text);
      return match && order.map(({ group, ...rest }) => captured(match, group, rest));
    },
  };
}

type Captured = { field: string; type: string | undefined };

/** Captures come name by name; only the first group of a name that stands twice is converted to its type (jls-grok). */
function captureOrder(regexp: RubyRegexp): (Captured & { group: number })[] {
  return [...new Set(regexp.names)].flatMap((name) => {
    const [pattern, field, type] = name.split(':');
    const groups = regexp.names.flatMap((other, index) => (other === name ? [index] : []));
    return groups.map((group, index) => ({
      group,
      field: field ?? pattern!,
      type: index === 0 ? type : undefined,
    }));
  });
}

function captured(match: RegexpMatch, group: number, { field, type }: Captured): GrokCapture {
  const text = match.groups[group];
  if (text === undefined) return { field, value: undefined };
  if (type === 'int') return { field, value: Number.parseInt(text, 10) || 0 };
  if (type === 'float') return { field, value: Number.parseFloat(text) || 0 };
  return { field, value: text };
}
