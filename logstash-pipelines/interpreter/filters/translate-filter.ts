import fs from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { ConfigError } from '../config-error.ts';
import { copied, type FieldValue, getField, hasField, setField, textOf } from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { rubyQuote, rubyRegexp, rubyScan } from '../ruby-regexp.ts';
import { sprintf } from '../sprintf.ts';
import { fieldValueOf, type FilterContext, type FilterMaker } from './filter-context.ts';

type Dictionary = Map<string, FieldValue>;
type Lookup = (text: string) => FieldValue | undefined;

/** A dictionary file: YAML or JSON (an object) or CSV (two columns). */
export function readDictionary(file: string): Dictionary {
  const text = fs.readFileSync(file, 'utf8');
  if (file.endsWith('.csv'))
    return new Map(
      text
        .split(/\r?\n/)
        .filter(Boolean)
        .map((line) => csvPair(line)),
    );
  const parsed = (file.endsWith('.json') ? JSON.parse(text) : parseYaml(text)) as Record<string, FieldValue>;
  return new Map(Object.entries(parsed));
}

function csvPair(line: string): [string, string] {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (cell) => cell[1]?.replaceAll('""', '"') ?? cell[2]!,
  );
  return [cells[0] ?? '', cells[1] ?? ''];
}

function dictionaryOf(settings: PluginSettings, context: FilterContext): Dictionary {
  const file = settings.strings.dictionary_path;
  const inline = Object.entries(settings.hashes.dictionary ?? {});
  const wrong = (option: string, message: string): never => {
    throw new ConfigError(settings.file, settings.places[option] ?? settings.at, `translate: ${message}`);
  };
  if (file === undefined) return new Map(inline.map(([key, value]) => [key, fieldValueOf(value)]));
  if (inline.length) wrong('dictionary', 'dictionary and dictionary_path exclude each other');
  if (!/\.(ya?ml|json|csv)$/.test(file))
    wrong('dictionary_path', 'the dictionary is .yml, .yaml, .json or .csv');
  try {
    return readDictionary(context.dictionaryFile(file));
  } catch (error) {
    return wrong('dictionary_path', (error as Error).message);
  }
}

function lookupIn(dictionary: Dictionary, exact: boolean, regex: boolean): Lookup {
  if (exact && !regex) return (text) => dictionary.get(text);
  if (exact) {
    const entries = [...dictionary].map(([key, value]) => [rubyRegexp(key), value] as const);
    return (text) => entries.find(([regexp]) => regexp.exec(text))?.[1];
  }
  const union = rubyRegexp([...dictionary.keys()].map(rubyQuote).join('|'));
  return (text) => {
    let result = '';
    let place = 0;
    for (const match of rubyScan(text, union)) {
      result += text.slice(place, match.index) + textOf(dictionary.get(match.text));
      place = match.end;
    }
    result += text.slice(place);
    return result === text ? undefined : result;
  };
}

export const translateFilter: FilterMaker = (settings, context, matched) => {
  const { source, target = source, fallback } = settings.strings;
  if (source === undefined)
    throw new ConfigError(settings.file, settings.at, 'translate needs the option source');
  if (source === target && settings.booleans.override === false)
    throw new ConfigError(
      settings.file,
      settings.places.override!,
      'translate: override => false has no effect in place',
    );
  // Without override a target that is there already stays, and a translation in place always overrides.
  const override = settings.booleans.override ?? source === target;
  const lookup = lookupIn(
    dictionaryOf(settings, context),
    settings.booleans.exact ?? true,
    settings.booleans.regex ?? false,
  );
  return (event) => {
    if ((!override && hasField(event, target!)) || !hasField(event, source)) return;
    const value = getField(event, source);
    const found = lookup(textOf(Array.isArray(value) ? value[0] : value));
    if (found !== undefined) setField(event, target!, copied(found));
    else if (fallback !== undefined) setField(event, target!, sprintf(event, fallback));
    if (found !== undefined || fallback !== undefined || source === target) matched(event);
  };
};
