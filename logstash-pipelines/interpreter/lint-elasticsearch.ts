import { type LintFault, nodesOf, place, type Variant } from './lint-fault.ts';
import { type PluginSettings } from './plugin-settings.ts';

/** Texts of the line itself, of which an id alone merges lines that really were written twice. */
const CONTENT = ['message', '[message]', '[event][original]', 'event.original'];

/** Rules for outputs to Elasticsearch. */
export function lintElasticsearch(variant: Variant): LintFault[] {
  const outputs = variant.pipeline.plugins.filter(
    (plugin) => plugin.kind === 'output' && plugin.name === 'elasticsearch',
  );
  return [
    ...outputs.flatMap((output) => [
      ...tlsFaults(variant, output),
      ...dataStreamFaults(output),
      ...directIdFaults(output),
    ]),
    ...contentIdFaults(variant),
  ];
}

function fault(rule: string, plugin: PluginSettings, option: string, message: string): LintFault {
  return { rule, where: place(plugin.file, plugin.places[option] ?? plugin.at), message };
}

/** Logstash refuses an API key without TLS. The hosts are read as they are written: a variable could hold anything. */
function tlsFaults(variant: Variant, output: PluginSettings): LintFault[] {
  const option = ['api_key', 'cloud_auth'].find((name) => output.strings[name] !== undefined);
  if (!option || output.booleans.ssl_enabled === true || output.strings.cloud_id !== undefined) return [];
  const written = writtenHosts(variant, output);
  if (
    output.booleans.ssl_enabled !== false &&
    written.length &&
    written.every((host) => /^(?:\$\{[^:}]*:)?https:\/\//.test(host))
  )
    return [];
  return [fault('api-key-tls', output, option, `${option} needs hosts with https:// or ssl_enabled => true`)];
}

function writtenHosts(variant: Variant, output: PluginSettings): string[] {
  const found = nodesOf(variant).find(
    ({ file, node }) =>
      file === output.file && node.at.line === output.at.line && node.at.column === output.at.column,
  );
  const value = found?.node.attributes.find((attribute) => attribute.name === 'hosts')?.value;
  const items = value?.kind === 'array' ? value.items : value ? [value] : [];
  return items.map((item) => ('text' in item ? item.text : ''));
}

function dataStreamFaults(output: PluginSettings): LintFault[] {
  if (output.strings.data_stream !== 'true') return [];
  const refused = ['document_id', 'index'].filter((name) => output.strings[name] !== undefined);
  if ((output.strings.action ?? 'create') !== 'create') refused.push('action');
  return refused.map((option) =>
    fault('data-stream-id', output, option, `${option} does not go with data_stream => true`),
  );
}

function directIdFaults(output: PluginSettings): LintFault[] {
  const fields = [...(output.strings.document_id ?? '').matchAll(/%\{([^}]*)\}/g)].map((match) => match[1]!);
  if (!fields.length || !fields.every((field) => CONTENT.includes(field))) return [];
  return [
    fault(
      'content-id',
      output,
      'document_id',
      'the id is the text of the line: lines that were written twice become one',
    ),
  ];
}

/** Hashes of the line's text alone, wherever they stand: only an id is made of a hash here. */
function contentIdFaults({ pipeline }: Variant): LintFault[] {
  return pipeline.plugins
    .filter((plugin) => plugin.kind === 'filter' && plugin.name === 'fingerprint')
    .filter(({ strings }) => strings.method !== 'UUID' && strings.method !== 'PUNCTUATION')
    .filter((plugin) => !plugin.booleans.concatenate_all_fields && isContentOnly(plugin))
    .map((plugin) =>
      fault(
        'content-id',
        plugin,
        'source',
        'an id from the text alone makes one of lines that were written twice: add the place that the line came from',
      ),
    );
}

/** Without concatenation the last source that is there wins, so one that is text is enough. */
function isContentOnly({ lists, booleans }: PluginSettings): boolean {
  const source = lists.source ?? ['message'];
  const isContent = (field: string) => CONTENT.includes(field);
  return booleans.concatenate_sources ? source.every(isContent) : source.some(isContent);
}
