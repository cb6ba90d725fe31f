import { addTag, arrayOf, getField, hasField, type LogEvent, removeField, setField } from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { sprintf } from '../sprintf.ts';
import { textsOf } from './filter-context.ts';

/** `filter_matched` of Logstash: the common options, in its order. */
export function decorator(settings: PluginSettings): (event: LogEvent) => void {
  const { add_tag = [], remove_field = [], remove_tag = [] } = settings.lists;
  const addField = Object.entries(settings.hashes.add_field ?? {});
  return (event) => {
    for (const [name, values] of addField) for (const value of textsOf(values)) addValue(event, name, value);
    for (const name of remove_field) removeField(event, sprintf(event, name));
    // add_tag does not look whether the tag is there already, unlike the tags of a failure.
    if (add_tag.length)
      event.fields.tags = [...arrayOf(event.fields.tags), ...add_tag.map((tag) => sprintf(event, tag))];
    if (!remove_tag.length || !event.fields.tags) return;
    const removed = remove_tag.map((tag) => sprintf(event, tag));
    event.fields.tags = arrayOf(event.fields.tags).filter((tag) => !removed.includes(String(tag)));
  };
}

/** Sets a field, or appends to it where it is there (`add_field`). */
export function addValue(event: LogEvent, name: string, template: string): void {
  const field = sprintf(event, name);
  const value = sprintf(event, template);
  setField(event, field, hasField(event, field) ? [...arrayOf(getField(event, field)), value] : value);
}

export function tagAll(event: LogEvent, tags: string[]): void {
  for (const tag of tags) addTag(event, tag);
}
