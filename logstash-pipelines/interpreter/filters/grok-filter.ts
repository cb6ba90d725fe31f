import { ConfigError } from '../config-error.ts';
import { compileGrok, type Grok, type GrokCapture } from '../grok.ts';
import { getField, type LogEvent, setField, textOf } from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { tagAll } from './common-options.ts';
import { type FilterContext, type FilterMaker, textsOf } from './filter-context.ts';

/** Every expression of a grok filter, compiled; @throws ConfigError for one that does not compile. */
export function groksOf(
  settings: PluginSettings,
  context: Pick<FilterContext, 'grokPatterns'>,
): [string, Grok[]][] {
  const patterns = new Map(context.grokPatterns(settings.lists.patterns_dir ?? []));
  for (const [name, body] of Object.entries(settings.hashes.pattern_definitions ?? {}))
    patterns.set(name, String(body));
  const namedOnly = settings.booleans.named_captures_only ?? true;
  return Object.entries(settings.hashes.match ?? {}).map(([field, expressions]) => [
    field,
    textsOf(expressions).map((expression) => {
      try {
        return compileGrok(expression, patterns, namedOnly);
      } catch (error) {
        throw new ConfigError(settings.file, settings.places.match!, `grok: ${(error as Error).message}`);
      }
    }),
  ]);
}

export const grokFilter: FilterMaker = (settings, context, matched) => {
  if (settings.strings.ecs_compatibility === 'disabled')
    throw new ConfigError(
      settings.file,
      settings.at,
      'grok: the interpreter has the patterns of ECS mode only',
    );
  const groks = groksOf(settings, context);
  const breakOnMatch = settings.booleans.break_on_match ?? true;
  const failureTags = settings.lists.tag_on_failure ?? ['_grokparsefailure'];
  const keep = keeper(settings);
  return (event) => {
    let found = false;
    for (const [field, expressions] of groks) {
      if (!matchField(event, field, expressions, breakOnMatch, keep)) continue;
      found = true;
      if (breakOnMatch) break;
    }
    if (found) matched(event);
    else tagAll(event, failureTags);
  };
};

type Keep = (event: LogEvent, capture: GrokCapture) => void;

function matchField(
  event: LogEvent,
  field: string,
  groks: Grok[],
  breakOnMatch: boolean,
  keep: Keep,
): boolean {
  const value = getField(event, field);
  if (!Array.isArray(value)) return matchText(event, textOf(value), groks, breakOnMatch, keep);
  return value.map((item) => matchText(event, textOf(item), groks, breakOnMatch, keep)).includes(true);
}

/** Without `break_on_match` the result is that of the last expression, as in Logstash. */
function matchText(event: LogEvent, text: string, groks: Grok[], breakOnMatch: boolean, keep: Keep): boolean {
  let found = false;
  for (const grok of groks) {
    const captures = grok.match(text);
    found = captures !== null;
    for (const capture of captures ?? []) keep(event, capture);
    if (found && breakOnMatch) break;
  }
  return found;
}

function keeper(settings: PluginSettings): Keep {
  const overwrite = settings.lists.overwrite ?? [];
  const keepEmpty = settings.booleans.keep_empty_captures ?? false;
  const wanted = settings.strings.target;
  const target = wanted === undefined ? '' : /\[.*?\]/.test(wanted) ? wanted : `[${wanted.trim()}]`;
  return (event, { field, value = null }) => {
    if (!keepEmpty && (value === null || value === '')) return;
    const place = target ? `${target}[${field}]` : field;
    const known = getField(event, place);
    if (overwrite.includes(field) || known === undefined || known === null) setField(event, place, value);
    else if (Array.isArray(known)) known.push(value);
    else if (typeof known === 'string') setField(event, place, [known, value]);
  };
}
