import { arrayOf, copied, type FieldMap, type FieldValue, isMap } from './log-event.ts';
import { compileGrok, type GrokPatterns } from './grok.ts';
import { firstJson } from './json-values.ts';
import { rubySplit } from './filters/ruby-conversion.ts';
import { type PluginSettings } from './plugin-settings.ts';

/** Turns the texts that an input hands over into the fields of events; what is left in a buffer comes out at the end. */
export type Decode = (texts: string[]) => FieldMap[];

/** Inputs over a byte stream read plain as line and json as json_lines, and keep none of its options but the charset. */
function codecName(name: string, streaming: boolean): string {
  if (!streaming) return name;
  return name === 'plain' ? 'line' : name === 'json' ? 'json_lines' : name;
}

const original = (text: string): FieldMap => ({ message: text, event: { original: text } });

/**
 * The decoder of an input's codec. Plain and line keep the text in `[event][original]` as well (ECS), json does so for one
 * event, json_lines does not.
 * @param streaming whether the input (tcp, stdin) reads a byte stream
 * @param grokPatterns for the expression of the multiline codec
 * @throws Error where that expression does not compile
 */
export function decoderOf(
  codec: PluginSettings | undefined,
  fallback: string,
  streaming: boolean,
  grokPatterns: (folders: string[]) => GrokPatterns,
): Decode {
  const name = codecName(codec?.name ?? fallback, streaming);
  const target = codec?.name === name ? codec.strings.target : undefined;
  const ecs = codec?.strings.ecs_compatibility !== 'disabled';
  if (name === 'json') return (texts) => texts.flatMap((text) => jsonEvents(text, target, ecs));
  if (name === 'json_lines')
    return (texts) =>
      lines(texts, codec?.strings.delimiter).flatMap((text) => jsonEvents(text, target, false));
  if (name === 'multiline') return multilineDecoder(codec!, grokPatterns);
  if (name !== 'plain' && name !== 'line') throw new Error(`codec ${name} cannot decode`);
  return (texts) =>
    (name === 'line' ? lines(texts, codec?.strings.delimiter) : texts).map((text) =>
      ecs ? original(text) : { message: text },
    );
}

/** Lines of texts; each text ends a line, with its delimiter or without. */
function lines(texts: string[], delimiter = '\n'): string[] {
  return texts.flatMap((text) => {
    const parts = text.split(delimiter);
    return parts.length > 1 && parts.at(-1) === '' ? parts.slice(0, -1) : parts;
  });
}

function jsonEvents(text: string, target: string | undefined, keepsOriginal: boolean): FieldMap[] {
  if (!text.trim()) return [];
  const parsed = firstJson(text);
  const documents = parsed === undefined ? [] : arrayOf(parsed);
  if (parsed === undefined || !documents.every(isMap))
    return [{ message: text, tags: ['_jsonparsefailure'] }];
  const events = documents.map((document): FieldMap =>
    target === undefined ? copied(document) : nestedAt(target, document),
  );
  const [only] = events;
  if (keepsOriginal && events.length === 1) addOriginal(only!, text);
  return events;
}

function nestedAt(target: string, document: FieldMap): FieldMap {
  const path = target.startsWith('[') ? target.slice(1, -1).split('][') : [target];
  return path.reduceRight<FieldValue>((inner, name) => ({ [name]: inner }), copied(document)) as FieldMap;
}

function addOriginal(event: FieldMap, text: string): void {
  if (event.event === undefined) event.event = { original: text };
  else if (isMap(event.event) && event.event.original === undefined) event.event.original = text;
}

function multilineDecoder(codec: PluginSettings, grokPatterns: (folders: string[]) => GrokPatterns): Decode {
  const { numbers, strings, booleans } = codec;
  const grok = compileGrok(strings.pattern!, grokPatterns(codec.lists.patterns_dir ?? []), false);
  const limits = { lines: numbers.max_lines ?? 500, bytes: numbers.max_bytes ?? 10 * 1024 ** 2 };
  const tag = strings.multiline_tag ?? 'multiline';
  return (texts) => {
    const events: FieldMap[] = [];
    let buffer: string[] = [];
    const overLines = () => buffer.length > limits.lines;
    const overBytes = () => buffer.reduce((sum, line) => sum + Buffer.byteLength(line), 0) >= limits.bytes;
    const flush = () => {
      if (!buffer.length) return;
      const tags = [
        ...(tag && buffer.length > 1 ? [tag] : []),
        ...(overBytes() ? ['multiline_codec_max_bytes_reached'] : []),
        ...(overLines() ? ['multiline_codec_max_lines_reached'] : []),
      ];
      events.push({ ...original(buffer.join('\n')), ...(tags.length ? { tags } : {}) });
      buffer = [];
    };
    for (const line of texts.flatMap((text) => rubySplit(text, '\n'))) {
      const matches = (grok.match(line) !== null) !== (booleans.negate ?? false);
      // `previous` looks at the limits before the line is added, `next` after it.
      if (strings.what === 'previous' && (!matches || overLines() || overBytes())) flush();
      buffer.push(line);
      if (strings.what === 'next' && (!matches || overLines() || overBytes())) flush();
    }
    // Logstash hands the last event out after auto_flush_interval, or when the input ends.
    flush();
    return events;
  };
}
