import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineCapabilities } from './engine-capabilities.ts';

/** The files of this release: what is installed is these, less what a cluster lacks. */
const DIRECTORY = fileURLToPath(new URL('../../../provisioning/elasticsearch/', import.meta.url));

const MAPPINGS = 'seismolog-logs-mappings';
const SETTINGS = 'seismolog-logs-settings';
export const PIPELINE = 'seismolog-ingested-at';
/** A component of the operator's own (shards, codec, …): taken in last where it exists, never written. */
export const CUSTOM = 'seismolog-logs-custom';

export type ObjectKind =
  'ingest_pipeline' | 'ilm_policy' | 'ism_policy' | 'component_template' | 'index_template';

/** One object as it is sent to the cluster. */
export interface IndexObject {
  kind: ObjectKind;
  name: string;
  body: Record<string, unknown>;
}

/** How an object that we made says so, and which content it has. */
export interface ObjectMark {
  managed_by: 'seismolog';
  /** Of the body without this mark. */
  hash: string;
  /** Of all the files of the release that installed it; on index templates. */
  release_hash?: string;
}

interface Mapping {
  properties: Record<string, { type: string }>;
}

// What stands in for a type that the cluster lacks. OpenSearch has flat_object, but that refuses a document with one value of
// more than 32,766 bytes (3.8.0; it takes no ignore_above): metadata that is only stored loses no line.
const INSTEAD_OF: Record<string, { type: string; [option: string]: unknown }> = {
  match_only_text: { type: 'text', norms: false },
  flattened: { type: 'object', enabled: false },
};

const textOf = (file: string): string => fs.readFileSync(`${DIRECTORY}${file}`, 'utf8');

const FILES = {
  ingest_pipeline: `ingest-pipelines/${PIPELINE}.json`,
  ilm_policy: 'lifecycle/ilm-policy.json',
  ism_policy: 'lifecycle/ism-policy.json',
  mappings: `component-templates/${MAPPINGS}.json`,
  settings: `component-templates/${SETTINGS}.json`,
  ilm: 'component-templates/seismolog-logs-ilm.json',
  index_template: 'index-template.json',
};

let releaseHashOnce: string | undefined;
/** Hash of what this release installs. */
export function releaseHash(): string {
  return (releaseHashOnce ??= hashOf(Object.values(FILES).map(textOf)));
}

/** Version of the index template of this release; a higher one belongs to a newer release and is left alone. */
export const releaseVersion = (): number => read(FILES.index_template).version as number;

/** What all tenants share, in the order in which it must be installed. */
export function sharedObjects(capabilities: EngineCapabilities): IndexObject[] {
  const { has_ingest_pipeline } = capabilities;
  const objects: IndexObject[] = [];
  if (has_ingest_pipeline) {
    // Compared as a whole: not every engine lets a pipeline carry a mark.
    objects.push({ kind: 'ingest_pipeline', name: PIPELINE, body: read(FILES.ingest_pipeline) });
  }
  objects.push(
    component(MAPPINGS, mappingsFor(capabilities)),
    component(SETTINGS, settingsFor(capabilities)),
  );
  return objects;
}

/** What tenants of one retention share; nothing without ILM. */
export function lifecycleObjects({ has_ilm }: EngineCapabilities, retention_days: number): IndexObject[] {
  if (!has_ilm) return [];
  const given = { retention_days: String(retention_days) };
  const { policy } = read(FILES.ilm_policy, given) as { policy: Record<string, unknown> };
  const body = { policy: { ...policy, _meta: markOf(policy) } };
  return [
    { kind: 'ilm_policy', name: ilmName(retention_days), body },
    component(ilmComponent(retention_days), read(FILES.ilm, given)),
  ];
}

export const ilmName = (retention_days: number): string => `seismolog-logs-${retention_days}d`;
const ilmComponent = (retention_days: number): string => `seismolog-logs-ilm-${retention_days}d`;
/** Days of retention that an installed index template was given, if any. */
export function retentionOf(composed_of: readonly string[]): number | undefined {
  const days = composed_of.flatMap((name) => /^seismolog-logs-ilm-(\d+)d$/.exec(name)?.[1] ?? [])[0];
  return days === undefined ? undefined : Number(days);
}

export const templateName = (slug: string): string => `seismolog-logs-${slug}`;
export const indexPattern = (slug: string): string => `logs-${slug}-2*`;

/** The template of one tenant's indices, and what goes with it. */
export function tenantObjects(
  slug: string,
  capabilities: EngineCapabilities,
  options: { retention_days: number | undefined; has_custom: boolean },
): IndexObject[] {
  const { retention_days, has_custom } = options;
  const body = read(FILES.index_template, { slug });
  const composed_of = [
    ...(body.composed_of as string[]),
    ...(capabilities.has_ilm && retention_days !== undefined ? [ilmComponent(retention_days)] : []),
    ...(has_custom ? [CUSTOM] : []),
  ];
  const template = { ...body, composed_of };
  const _meta = { ...markOf(template), release_hash: releaseHash() };
  const objects: IndexObject[] = [
    { kind: 'index_template', name: templateName(slug), body: { ...template, _meta } },
  ];
  if (capabilities.has_ism && retention_days !== undefined) {
    const given = { slug, retention_days: String(retention_days) };
    objects.push({ kind: 'ism_policy', name: templateName(slug), body: read(FILES.ism_policy, given) });
  }
  return objects;
}

/** Our mapping in the types that the cluster knows; its mark tells which of a tenant's indices have it already. */
export function mappingFor(capabilities: EngineCapabilities): Mapping & { _meta: ObjectMark } {
  const body = mappingsFor(capabilities) as { template: { mappings: Mapping & { _meta: ObjectMark } } };
  return body.template.mappings;
}

function mappingsFor({ field_types }: EngineCapabilities): Record<string, unknown> {
  const body = read(FILES.mappings) as { template: { mappings: Mapping } };
  const fields = Object.entries(body.template.mappings.properties).map(([name, field]) => {
    const isKnown = field_types.includes(field.type);
    return [name, (isKnown ? undefined : INSTEAD_OF[field.type]) ?? field] as const;
  });
  const mappings = { ...body.template.mappings, properties: Object.fromEntries(fields) };
  return { ...body, template: { mappings: { ...mappings, _meta: markOf(mappings) } } };
}

function settingsFor({ has_ingest_pipeline }: EngineCapabilities): Record<string, unknown> {
  const body = read(FILES.settings) as { template: { settings: { index: Record<string, unknown> } } };
  const { final_pipeline, ...index } = body.template.settings.index;
  return {
    ...body,
    template: { settings: { index: has_ingest_pipeline ? { ...index, final_pipeline } : index } },
  };
}

const component = (name: string, body: Record<string, unknown>): IndexObject => ({
  kind: 'component_template',
  name,
  body: { ...body, _meta: markOf(body) },
});

const markOf = (body: object): ObjectMark => ({
  managed_by: 'seismolog',
  hash: hashOf(body),
});

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

function read(file: string, given: Record<string, string> = {}): Record<string, unknown> {
  const text = textOf(file).replace(
    /\{(slug|retention_days)\}/g,
    (place, name: string) => given[name] ?? place,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
