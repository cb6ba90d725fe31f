import { isAnswer } from './engine-capabilities.ts';
import { ilmName, indexPattern, mappingFor, type ObjectMark } from './index-definitions.ts';
import { reasonOf, readObject, type InstallReport, type InstallResult } from './installed-objects.ts';
import { asInstaller } from './installer-rights.ts';
import type { SearchEngine } from './search-engine.ts';

interface Resolved {
  indices: { name: string; data_stream?: string }[];
  data_streams: { name: string }[];
}

/**
 * Adds new fields of our mapping to the indices that a tenant has, and their new retention; says which of its names are
 * taken by a data stream. Only names of the form `logs-{slug}-{YYYY.MM.DD}` are touched.
 */
export async function updateTenantIndices(
  engine: SearchEngine,
  slug: string,
  { retention_days, report }: { retention_days: number | undefined; report: InstallReport },
): Promise<void> {
  const path = `/_resolve/index/${encodeURIComponent(indexPattern(slug))}`;
  const found = await readObject<Resolved>(engine, 'index', path);
  const day = new RegExp(`^logs-${slug}-\\d{4}\\.\\d\\d\\.\\d\\d$`);
  for (const { name } of found?.data_streams ?? []) {
    const message =
      `${name} is a data stream, made before the template was there: copy it into an index of another name if its ` +
      'documents matter, delete it, and install again.';
    if (day.test(name)) report.problems.push({ slug, message });
  }
  for (const { name, data_stream } of found?.indices ?? []) {
    if (data_stream !== undefined || !day.test(name)) continue;
    report.objects.push(await updateIndex(engine, name, retention_days, report));
  }
}

async function updateIndex(
  engine: SearchEngine,
  name: string,
  retention_days: number | undefined,
  { capabilities, is_dry_run }: InstallReport,
): Promise<InstallResult> {
  const wanted = mappingFor(capabilities);
  const found = await readObject<Record<string, { mappings: { _meta?: Partial<ObjectMark> } }>>(
    engine,
    'index',
    `/${name}/_mapping`,
  );
  const isCurrent = found?.[name]?.mappings._meta?.hash === wanted._meta.hash;
  if (capabilities.has_ilm && retention_days !== undefined && !is_dry_run) {
    const body = { 'index.lifecycle.name': ilmName(retention_days) };
    await asInstaller(engine, 'index', { method: 'PUT', path: `/${name}/_settings`, body });
  }
  if (isCurrent) return { kind: 'index', name, result: 'unchanged' };
  if (is_dry_run) return { kind: 'index', name, result: 'updated' };
  try {
    await asInstaller(engine, 'index', { method: 'PUT', path: `/${name}/_mapping`, body: wanted });
    return { kind: 'index', name, result: 'updated' };
  } catch (error) {
    if (!isAnswer(error, 400)) throw error;
    const note = `keeps its own mapping until it expires: ${reasonOf(error)}`;
    return { kind: 'index', name, result: 'refused', note };
  }
}
