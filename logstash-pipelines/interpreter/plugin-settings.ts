import { type AttributeNode, type PluginNode, type Position, type ValueNode } from './config-ast.ts';
import { ConfigError } from './config-error.ts';
import { CODECS, FILTERS } from './options/filter-options.ts';
import { INPUTS } from './options/input-options.ts';
import { COMMON, type OptionTable, type PluginKind } from './options/option-spec.ts';
import { OUTPUTS } from './options/output-options.ts';
import { substitute, type Variables } from './variable-substitution.ts';

/** A value of an option once variables are replaced. */
export type SettingValue =
  string | number | SettingValue[] | { [key: string]: SettingValue } | PluginSettings;

/** A plugin with its options checked and in the types that their table names. */
export type PluginSettings = {
  kind: PluginKind;
  name: string;
  id: string | undefined;
  file: string;
  at: Position;
  /** Where each option stands. */
  places: Record<string, Position>;
  strings: Record<string, string>;
  numbers: Record<string, number>;
  booleans: Record<string, boolean>;
  lists: Record<string, string[]>;
  hashes: Record<string, Record<string, SettingValue>>;
  codec: PluginSettings | undefined;
};

const TABLES: Record<PluginKind, Record<string, OptionTable>> = {
  input: INPUTS,
  filter: FILTERS,
  output: OUTPUTS,
  codec: CODECS,
};

/**
 * Checks a plugin's options by its table.
 * @throws ConfigError for an unknown plugin or option, a wrong type, a value that is not in its list, an option that
 *   Logstash removed or deprecated, a missing one, or a variable without value
 */
export function settingsOf(
  kind: PluginKind,
  node: PluginNode,
  file: string,
  variables: Variables,
): PluginSettings {
  const table = TABLES[kind][node.name];
  if (!table)
    throw new ConfigError(file, node.at, `the interpreter knows no ${kind} ${node.name} (see SUPPORTED.md)`);
  const options = { ...COMMON[kind], ...table };
  const settings: PluginSettings = {
    kind,
    name: node.name,
    id: undefined,
    file,
    at: node.at,
    places: {},
    strings: {},
    numbers: {},
    booleans: {},
    lists: {},
    hashes: {},
    codec: undefined,
  };
  for (const [name, { value, at }] of merged(node.attributes, file, variables)) {
    const spec = options[name];
    if (!spec) throw new ConfigError(file, at, `${kind} ${node.name} has no option ${name}`);
    settings.places[name] = at;
    keep(settings, name, spec.replace(/!$/, ''), value);
  }
  for (const [name, spec] of Object.entries(options))
    if (spec.endsWith('!') && !settings.places[name])
      throw new ConfigError(file, node.at, `${kind} ${node.name} needs the option ${name}`);
  for (const codec of Object.values(settings.hashes.additional_codecs ?? {}))
    if (!CODECS[String(codec)])
      throw new ConfigError(
        file,
        settings.places.additional_codecs!,
        `the interpreter knows no codec ${String(codec)}`,
      );
  settings.id = settings.strings.id;
  return settings;
}

type Merged = Map<string, { value: SettingValue; at: Position }>;

/** Options given twice are merged as Logstash does: hashes key by key, arrays appended, others become an array. */
function merged(attributes: AttributeNode[], file: string, variables: Variables): Merged {
  const options: Merged = new Map();
  for (const attribute of attributes) {
    const value = valueOf(attribute.value, file, variables);
    const known = options.get(attribute.name);
    options.set(attribute.name, { value: known ? mergedValue(known.value, value) : value, at: attribute.at });
  }
  return options;
}

function mergedValue(known: SettingValue, value: SettingValue): SettingValue {
  if (Array.isArray(known)) return [...known, ...(Array.isArray(value) ? value : [value])];
  if (!isHash(known) || !isHash(value)) return known === value ? known : [known, value];
  const result = { ...known };
  for (const [key, item] of Object.entries(value))
    result[key] = key in result ? [result[key]!, item].flat() : item;
  return result;
}

export function isHash(value: SettingValue): value is { [key: string]: SettingValue } {
  return typeof value === 'object' && !Array.isArray(value) && !isPlugin(value);
}

export function isPlugin(value: SettingValue): value is PluginSettings {
  return typeof value === 'object' && !Array.isArray(value) && 'places' in value && 'kind' in value;
}

function valueOf(node: ValueNode, file: string, variables: Variables): SettingValue {
  const replaced = (text: string) => {
    try {
      return substitute(text, variables);
    } catch (error) {
      throw new ConfigError(file, node.at, (error as Error).message);
    }
  };
  if (node.kind === 'string' || node.kind === 'bareword') return replaced(node.text);
  if (node.kind === 'number') return node.value;
  if (node.kind === 'array') return node.items.map((item) => valueOf(item, file, variables));
  if (node.kind === 'plugin') return settingsOf('codec', node.plugin, file, variables);
  return Object.fromEntries(
    node.entries.map((entry) => [replaced(entry.key), valueOf(entry.value, file, variables)]),
  );
}

function keep(settings: PluginSettings, name: string, spec: string, value: SettingValue): void {
  const wrong = (expected: string): never => {
    throw new ConfigError(
      settings.file,
      settings.places[name]!,
      `option ${name} of ${settings.kind} ${settings.name} takes ${expected}, not ${shownValue(value)}`,
    );
  };
  const [type, detail] = spec.split(/:(.*)/s) as [string, string | undefined];
  if (type === 'obsolete' || type === 'deprecated')
    throw new ConfigError(
      settings.file,
      settings.places[name]!,
      `option ${name} of ${settings.kind} ${settings.name} is ${type === 'obsolete' ? 'removed in Logstash 9' : 'deprecated'}: ${detail}`,
    );
  if (type === 'hash') settings.hashes[name] = hashOf(value) ?? wrong('a hash');
  else if (type === 'array' || type === 'list')
    settings.lists[name] =
      listOf(value, detail) ?? wrong(detail ? `a list of ${detail}` : 'an array of texts');
  else if (type === 'codec') settings.codec = codecOf(settings, value) ?? wrong('a codec');
  else keepScalar(settings, name, type, detail, singleOf(value), wrong);
}

function keepScalar(
  settings: PluginSettings,
  name: string,
  type: string,
  detail: string | undefined,
  text: string | undefined,
  wrong: (expected: string) => never,
): void {
  if (text === undefined) wrong(`one ${type === 'enum' ? `of ${detail}` : type}`);
  else if (type === 'number')
    settings.numbers[name] = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : wrong('a number');
  else if (type === 'boolean')
    settings.booleans[name] = /^(true|false)$/.test(text) ? text === 'true' : wrong('true or false');
  else if (type === 'bytes') settings.numbers[name] = bytesOf(text) ?? wrong('a size such as 10 MiB');
  else if (type === 'enum')
    settings.strings[name] = detail!.split('|').includes(text) ? text : wrong(`one of ${detail}`);
  else if (type === 'field')
    settings.strings[name] = isFieldReference(text) ? text : wrong('a field reference such as [a][b]');
  else settings.strings[name] = text;
}

function isFieldReference(text: string): boolean {
  return /^(?:[^[\],]+|(?:\[[^[\],]+\])+)$/.test(text);
}

function isScalar(value: SettingValue | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function singleOf(value: SettingValue): string | undefined {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isScalar(single) ? String(single) : undefined;
}

function listOf(value: SettingValue, allowed: string | undefined): string[] | undefined {
  const items = Array.isArray(value) ? value : [value];
  if (!items.every(isScalar)) return undefined;
  const texts = items.map(String);
  return !allowed || texts.every((text) => allowed.split('|').includes(text)) ? texts : undefined;
}

/** A hash, or an array of keys and values in turn, which Logstash takes for one. */
function hashOf(value: SettingValue): Record<string, SettingValue> | undefined {
  if (isHash(value)) return value;
  if (!Array.isArray(value) || value.length % 2 || !value.length) return undefined;
  const pairs: [string, SettingValue][] = [];
  for (let index = 0; index < value.length; index += 2) {
    const key = value[index]!;
    if (!isScalar(key)) return undefined;
    pairs.push([String(key), value[index + 1]!]);
  }
  return Object.fromEntries(pairs);
}

function codecOf(settings: PluginSettings, value: SettingValue): PluginSettings | undefined {
  if (isPlugin(value)) return value;
  if (typeof value !== 'string') return undefined;
  const at = settings.places.codec!;
  return settingsOf(
    'codec',
    { kind: 'plugin', name: value, attributes: [], at },
    settings.file,
    () => undefined,
  );
}

const UNITS: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

function bytesOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)?$/i.exec(text.trim());
  return match ? Number(match[1]) * UNITS[(match[2] ?? 'b').toLowerCase()]! : undefined;
}

function shownValue(value: SettingValue): string {
  return isPlugin(value) ? `the codec ${value.name}` : JSON.stringify(value);
}
