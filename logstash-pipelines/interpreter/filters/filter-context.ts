import { type GrokPatterns } from '../grok.ts';
import { type FieldValue, type LogEvent } from '../log-event.ts';
import { type LogTimestamp } from '../log-timestamp.ts';
import { type PluginSettings, type SettingValue } from '../plugin-settings.ts';

/** What filters take from outside. */
export type FilterContext = {
  /** The clock of the case. */
  now: () => LogTimestamp;
  /** The next value of the uuid filter and of `fingerprint { method => UUID }`. */
  nextUuid: () => string;
  /** Path of a dictionary, found by its file name. @throws Error where there is none */
  dictionaryFile: (path: string) => string;
  /** Built-in grok patterns and those of `patterns_dir`. */
  grokPatterns: (folders: string[]) => GrokPatterns;
};

/** A filter at work: changes the event, may cancel it, may hand out more events. */
export type Filter = (event: LogEvent, emit: (extra: LogEvent) => void) => void;

/**
 * Makes a filter of its settings. `matched` applies `add_field`, `remove_field`, `add_tag` and `remove_tag`: a filter calls it
 * on success only.
 */
export type FilterMaker = (
  settings: PluginSettings,
  context: FilterContext,
  matched: (event: LogEvent) => void,
) => Filter;

/** A value of a hash option as a field value. */
export function fieldValueOf(value: SettingValue): FieldValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fieldValueOf);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fieldValueOf(item as SettingValue)]),
  );
}

/** One text or an array of texts of a hash option. */
export function textsOf(value: SettingValue): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}
