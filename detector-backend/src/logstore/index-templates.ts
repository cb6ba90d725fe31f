import { AppError } from '../platform/errors.ts';
import { fallbacksOf, probeCapabilities } from './engine-capabilities.ts';
import {
  CUSTOM,
  indexPattern,
  lifecycleObjects,
  releaseHash,
  releaseVersion,
  retentionOf,
  sharedObjects,
  templateName,
  tenantObjects,
  type IndexObject,
} from './index-definitions.ts';
import { byRetention, givenDays, lengthened } from './index-retention.ts';
import {
  installedTemplate,
  putObject,
  readObject,
  type InstalledTemplate,
  type InstallReport,
  type InstallResult,
  type TemplateList,
} from './installed-objects.ts';
import { updateTenantIndices } from './tenant-indices.ts';
import type { SearchEngine } from './search-engine.ts';

export interface InstallOptions {
  /** Days after which the cluster deletes an index (1–400), of all tenants or by slug; without them a tenant keeps what it has. */
  retention_days?: number | ReadonlyMap<string, number> | undefined;
  /** What a tenant has that gets no days here is lengthened to these (1–400) where it is shorter; never made or shortened. */
  least_retention_days?: number | undefined;
  /** Only says what would be done. */
  dry_run?: boolean;
}

export interface IndexInstaller {
  /**
   * Makes sure that an index of the tenant gets our mapping, before its first document. Asks the cluster once per process and
   * tenant; reading the template is all that it needs where `install` ran before.
   * @throws AppError `log_store_refused` when the template can neither be found nor installed, or another one would win
   */
  ensureTemplates(slug: string): Promise<void>;
  /** Installs or updates everything for these tenants; doing it again changes nothing. */
  install(slugs: readonly string[], options?: InstallOptions): Promise<InstallReport>;
}

const SLUG = /^[a-z0-9_]{1,40}$/;

/** Index management of one cluster, from the files in `provisioning/elasticsearch`. */
export function createIndexInstaller(engine: SearchEngine): IndexInstaller {
  const ensured = new Map<string, Promise<void>>();
  return {
    ensureTemplates(slug) {
      let result = ensured.get(slug);
      if (!result) {
        result = ensure(engine, slug);
        ensured.set(slug, result);
        // A failure is not remembered: the next write asks again.
        result.catch(() => ensured.delete(slug));
      }
      return result;
    },
    install: (slugs, options = {}) => install(engine, slugs, options),
  };
}

async function ensure(engine: SearchEngine, slug: string): Promise<void> {
  assertSlug(slug);
  const installed = await installedTemplate(engine, slug);
  if (installed && isOfRelease(installed)) return;
  const report = await install(engine, [slug], {}).catch((error: unknown) => {
    const isRefused = error instanceof AppError && error.code === 'log_store_refused';
    // A key that may only write goes on with the template of the release before.
    if (isRefused && installed?._meta?.managed_by === 'seismolog') return null;
    if (!isRefused) throw error;
    throw new AppError(
      'log_store_refused',
      `The index template of tenant ${slug} is not installed. ${error.message} Run ` +
        '`npm run seismolog -- install-index-templates` with a key that may.',
      { cause: error },
    );
  });
  if (report?.problems[0]) throw new AppError('log_store_refused', report.problems[0].message);
}

const isOfRelease = ({ version = 0, _meta }: InstalledTemplate): boolean =>
  _meta?.managed_by === 'seismolog' &&
  (version > releaseVersion() || (version === releaseVersion() && _meta.release_hash === releaseHash()));

async function install(
  engine: SearchEngine,
  slugs: readonly string[],
  options: InstallOptions,
): Promise<InstallReport> {
  slugs.forEach(assertSlug);
  const given = givenDays(slugs, options.retention_days);
  const is_dry_run = options.dry_run ?? false;
  const capabilities = await probeCapabilities(engine);
  const report: InstallReport = {
    engine: engine.name,
    capabilities,
    fallbacks: fallbacksOf(engine, capabilities),
    objects: [],
    problems: [],
    is_dry_run,
  };
  await installShared(engine, slugs, sharedObjects(capabilities), report);
  const least = options.least_retention_days;
  const days = least === undefined ? given : await lengthened(engine, capabilities, { slugs, given, least });
  for (const [retention_days, tenants] of byRetention(days))
    await installShared(engine, tenants, lifecycleObjects(capabilities, retention_days), report);
  for (const slug of slugs) await installTenant(engine, slug, days.get(slug), report);
  return report;
}

async function installShared(
  engine: SearchEngine,
  slugs: readonly string[],
  objects: IndexObject[],
  report: InstallReport,
): Promise<void> {
  for (const object of objects) {
    const result = await putObject(engine, object, report.is_dry_run);
    report.objects.push(result);
    for (const slug of slugs) noteRefusal(report, slug, result);
  }
}

async function installTenant(
  engine: SearchEngine,
  slug: string,
  retention_days: number | undefined,
  report: InstallReport,
): Promise<void> {
  const { capabilities, is_dry_run, objects, problems } = report;
  const winning = await templatesAbove(engine, slug);
  for (const { name, priority } of winning) {
    const message =
      `Index template ${name} (priority ${priority}) also matches ${indexPattern(slug)} and would win over ` +
      `ours (501): give it a narrower pattern or a priority of at most 500.`;
    problems.push({ slug, message });
  }
  const installed = await installedTemplate(engine, slug);
  const kept = retention_days ?? retentionOf(installed?.composed_of ?? []);
  const has_custom =
    (await readObject(engine, 'component_template', `/_component_template/${CUSTOM}`)) !== null;
  for (const object of tenantObjects(slug, capabilities, { retention_days: kept, has_custom })) {
    // One of the same priority makes the cluster refuse ours; a higher one would make it useless.
    if (winning.length > 0 && object.kind === 'index_template') continue;
    const result = await putObject(engine, object, is_dry_run);
    objects.push(result);
    noteRefusal(report, slug, result);
  }
  await updateTenantIndices(engine, slug, { retention_days, report });
}

function noteRefusal({ problems }: InstallReport, slug: string, { kind, name, result, note }: InstallResult) {
  if (result !== 'refused') return;
  problems.push({ slug, message: `${kind.replaceAll('_', ' ')} ${name} was not installed: ${note}` });
}

/** Templates of others that would win over ours, or forbid it, for some index of the tenant. */
async function templatesAbove(
  engine: SearchEngine,
  slug: string,
): Promise<{ name: string; priority: number }[]> {
  const found = await readObject<TemplateList>(engine, 'index_template', '/_index_template');
  return (found?.index_templates ?? []).flatMap(({ name, index_template }) => {
    const { priority = 0, index_patterns } = index_template;
    const isAbove = name !== templateName(slug) && priority >= 501;
    const meets = isAbove && index_patterns.some((pattern) => patternsMeet(pattern, indexPattern(slug)));
    return meets ? [{ name, priority }] : [];
  });
}

/** Whether some name matches both patterns, `*` standing for any characters. */
export function patternsMeet(a: string, b: string): boolean {
  // At place j: whether what is left of `a` and `b.slice(j)` meet; first for the empty end of `a`, then one longer each time.
  let row = Array.from({ length: b.length + 1 }, (_, j) => /^\**$/.test(b.slice(j)));
  for (let i = a.length - 1; i >= 0; i--) {
    const after = row;
    row = [];
    for (let j = b.length; j >= 0; j--) {
      if (a[i] === '*') row[j] = after[j] === true || (j < b.length && row[j + 1] === true);
      else if (b[j] === '*') row[j] = row[j + 1] === true || after[j] === true;
      else row[j] = a[i] === b[j] && after[j + 1] === true;
    }
  }
  return row[0] === true;
}

function assertSlug(slug: string): void {
  if (SLUG.test(slug)) return;
  throw new AppError(
    'invalid_request',
    `"${slug}" is not a tenant slug: 1 to 40 characters of a-z, 0-9 and _ (a hyphen would match another tenant's indices).`,
    { field: 'tenant' },
  );
}
