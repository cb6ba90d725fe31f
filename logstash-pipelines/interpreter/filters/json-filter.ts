import { addTag, type FieldMap, getField, isMap, type LogEvent, setField, TIMESTAMP } from '../log-event.ts';
import { lastJson } from '../json-values.ts';
import { type LogTimestamp, timestampFromText } from '../log-timestamp.ts';
import { tagAll } from './common-options.ts';
import { type FilterMaker } from './filter-context.ts';

export const jsonFilter: FilterMaker = (settings, context, matched) => {
  const { source, target } = settings.strings;
  const failureTags = settings.lists.tag_on_failure ?? ['_jsonparsefailure'];
  const skipsInvalid = settings.booleans.skip_on_invalid_json ?? false;
  return (event) => {
    const value = getField(event, source!);
    if (value === undefined || value === null || value === false) return;
    const parsed = typeof value === 'string' ? lastJson(value) : undefined;
    if (parsed === undefined) {
      if (!skipsInvalid) tagAll(event, failureTags);
      return;
    }
    try {
      if (target !== undefined) setField(event, target, parsed);
      else if (isMap(parsed)) spread(event, parsed, context.now());
      else return tagAll(event, failureTags);
      matched(event);
    } catch {
      // A key that is a faulty field reference, or a path through a text.
      tagAll(event, failureTags);
    }
  };
};

function spread(event: LogEvent, parsed: FieldMap, now: LogTimestamp): void {
  const { [TIMESTAMP]: given, ...rest } = parsed;
  for (const [key, value] of Object.entries(rest)) setField(event, key, value);
  if (given === undefined || given === null) return;
  const time = typeof given === 'string' ? timestampFromText(given) : null;
  event.fields[TIMESTAMP] = time ?? now;
  if (time) return;
  addTag(event, '_timestampparsefailure');
  event.fields['_@timestamp'] = String(given);
}
