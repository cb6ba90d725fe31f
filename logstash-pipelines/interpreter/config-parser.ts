import {
  type AttributeNode,
  type BranchNode,
  type ConfigNode,
  type HashEntry,
  type PluginNode,
  type SectionName,
  type StatementNode,
  type ValueNode,
} from './config-ast.ts';
import { parseCondition } from './condition-parser.ts';
import {
  type ConfigText,
  expect,
  fail,
  looksAt,
  positionOf,
  shown,
  skip,
  take,
  takeString,
  takeItems,
} from './config-text.ts';

/**
 * Parses a pipeline's configuration by the grammar of Logstash 9 (`lscl_grammar.treetop`).
 * @throws ConfigError with line and column of the first fault
 */
export function parseConfig(file: string, text: string): ConfigNode {
  const source: ConfigText = { file, text, place: 0 };
  const sections: ConfigNode['sections'] = [];
  for (;;) {
    skip(source);
    if (source.place >= text.length) return { sections };
    const at = positionOf(source);
    const name = take(source, /input|filter|output/)?.[0] as SectionName | undefined;
    if (!name) fail(source, `expected input, filter or output, found ${shown(source)}`);
    skip(source);
    sections.push({ name, body: parseBody(source, `after ${name}`), at });
  }
}

function parseBody(source: ConfigText, where: string): StatementNode[] {
  const opening = source.place;
  expect(source, '{', where);
  const body: StatementNode[] = [];
  for (;;) {
    skip(source);
    if (looksAt(source, '}')) break;
    if (source.place >= source.text.length) fail(source, 'the { that stands here is never closed', opening);
    body.push(isIf(source) ? parseBranch(source) : parsePlugin(source));
  }
  source.place++;
  return body;
}

function isIf(source: ConfigText): boolean {
  return looksAt(source, 'if') && !/[A-Za-z0-9_-]/.test(source.text[source.place + 2] ?? '');
}

function parseBranch(source: ConfigText): BranchNode {
  const branch: BranchNode = { kind: 'branch', arms: [], otherwise: [], at: positionOf(source) };
  for (;;) {
    branch.arms.push(parseArm(source));
    const before = source.place;
    skip(source);
    if (!take(source, /else(?![A-Za-z0-9_-])/)) {
      source.place = before;
      return branch;
    }
    skip(source);
    if (isIf(source)) continue;
    branch.otherwise = parseBody(source, 'after else');
    return branch;
  }
}

function parseArm(source: ConfigText): BranchNode['arms'][number] {
  const at = positionOf(source);
  source.place += 'if'.length;
  skip(source);
  const condition = parseCondition(source);
  skip(source);
  return { condition, body: parseBody(source, 'after the condition'), at };
}

function takeName(source: ConfigText): string | null {
  return take(source, /[A-Za-z0-9_-]+/)?.[0] ?? takeString(source);
}

function parsePlugin(source: ConfigText): PluginNode {
  const at = positionOf(source);
  const name = takeName(source);
  if (name === null) fail(source, `expected if or the name of a plugin, found ${shown(source)}`);
  skip(source);
  return { kind: 'plugin', name, attributes: parseAttributes(source, name), at };
}

function parseAttributes(source: ConfigText, plugin: string): AttributeNode[] {
  const opening = source.place;
  expect(source, '{', `after the plugin's name ${plugin}`);
  const attributes: AttributeNode[] = [];
  let spaced = true;
  for (;;) {
    skip(source);
    if (looksAt(source, '}')) break;
    if (source.place >= source.text.length) fail(source, `the { of ${plugin} is never closed`, opening);
    if (!spaced)
      fail(source, `expected white space before the next option of ${plugin}, found ${shown(source)}`);
    attributes.push(parseAttribute(source, plugin));
    spaced = /[ \t\r\n]/.test(source.text[source.place] ?? ' ');
  }
  source.place++;
  return attributes;
}

function parseAttribute(source: ConfigText, plugin: string): AttributeNode {
  const at = positionOf(source);
  const name = takeName(source);
  if (name === null) fail(source, `expected an option of ${plugin} or }, found ${shown(source)}`);
  skip(source);
  expect(source, '=>', `after the option ${name} of ${plugin}`);
  skip(source);
  return { name, value: parseValue(source), at };
}

function parseValue(source: ConfigText): ValueNode {
  const at = positionOf(source);
  if (looksAt(source, '[')) return parseArray(source);
  if (looksAt(source, '{')) return parseHash(source);
  const plugin = tryPlugin(source);
  if (plugin) return { kind: 'plugin', plugin, at };
  const text = takeString(source);
  if (text !== null) return { kind: 'string', text, at };
  const bareword = take(source, /[A-Za-z_][A-Za-z0-9_]+/);
  if (bareword) return { kind: 'bareword', text: bareword[0], at };
  const number = take(source, /-?[0-9]+(?:\.[0-9]*)?/);
  if (number) return { kind: 'number', value: Number(number[0]), text: number[0], at };
  return fail(source, `expected a value, found ${shown(source)}`);
}

/** A codec such as `json { }`: a name and a brace; without the brace the place goes back. */
function tryPlugin(source: ConfigText): PluginNode | null {
  const before = source.place;
  const at = positionOf(source);
  const name = takeName(source);
  if (name !== null) {
    skip(source);
    if (looksAt(source, '{')) return { kind: 'plugin', name, attributes: parseAttributes(source, name), at };
  }
  source.place = before;
  return null;
}

function parseArray(source: ConfigText): ValueNode {
  const at = positionOf(source);
  return { kind: 'array', items: takeItems(source, 'an array', parseValue), at };
}

function parseHash(source: ConfigText): ValueNode {
  const at = positionOf(source);
  expect(source, '{', 'before a hash');
  const entries: HashEntry[] = [];
  const keys = new Set<string>();
  for (;;) {
    skip(source);
    if (looksAt(source, '}')) break;
    if (looksAt(source, ',')) fail(source, 'entries of a hash are separated by white space, not by a comma');
    const entryAt = positionOf(source);
    const place = source.place;
    const bare = take(source, /-?[0-9]+(?:\.[0-9]*)?|[A-Za-z_][A-Za-z0-9_]+/)?.[0];
    const key = bare ?? takeString(source);
    if (key === null) fail(source, `expected a key or }, found ${shown(source)}`);
    const written = source.text.slice(place, source.place);
    if (keys.has(written)) fail(source, `the key ${written} stands twice in this hash`, place);
    keys.add(written);
    skip(source);
    expect(source, '=>', `after the key ${written}`);
    skip(source);
    entries.push({ key, value: parseValue(source), at: entryAt });
  }
  source.place++;
  return { kind: 'hash', entries, at };
}
