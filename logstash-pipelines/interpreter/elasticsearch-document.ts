import { ConfigError } from './config-error.ts';
import { isMap, type LogEvent } from './log-event.ts';
import { type PluginSettings } from './plugin-settings.ts';
import { sprintf } from './sprintf.ts';

/** Fields that are text in our mapping and objects in ECS: both in one index is a mapping conflict. */
const FLAT_FIELDS = ['service', 'source'];

const TEMPLATES = [
  'index',
  'document_id',
  'pipeline',
  'routing',
  'data_stream_dataset',
  'data_stream_namespace',
];

/** Characters that Elasticsearch refuses in the name of an index. */
const ILLEGAL = /[A-Z\\/*?"<>| ,#:]|^[-_+.]/;

/**
 * Checks what Elasticsearch would refuse or write to the wrong place.
 * @throws ConfigError that names the output
 */
export function checkDocument(output: PluginSettings, event: LogEvent): void {
  const wrong = (option: string, message: string): never => {
    throw new ConfigError(output.file, output.places[option] ?? output.at, `${output.id}: ${message}`);
  };
  for (const option of TEMPLATES) {
    const template = output.strings[option];
    const value = template === undefined ? '' : sprintf(event, template);
    if (value.includes('%{')) wrong(option, `${option} has an unresolved field: ${value}`);
    if (option === 'index' && ILLEGAL.test(value))
      wrong(option, `Elasticsearch refuses the index name ${value}`);
    if (option === 'document_id' && Buffer.byteLength(value) > 512)
      wrong(option, 'the document id has more than 512 bytes');
  }
  for (const field of FLAT_FIELDS)
    if (isMap(event.fields[field]))
      wrong(
        'index',
        `the event has an object under ${field}, which is text in our mapping: ${JSON.stringify(event.fields[field])}`,
      );
}
