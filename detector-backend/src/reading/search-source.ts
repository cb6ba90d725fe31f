import type { IngestLimits } from '../ingest/ingest-limits.ts';
import {
  checkConnectionConfig,
  type ConnectionConfig,
  type ReadableIndices,
  type SourceIndex,
} from '../ingest/log-source-config.ts';
import { documentReader, type SearchDocument } from '../ingest/log-source-document.ts';
import { explainAnswer } from '../ingest/log-source-error.ts';
import type { SearchSourceType } from '../ingest/log-source-schema.ts';
import { engineOf, type SearchEngines } from '../ingest/log-source-settings.ts';
import type { Mask } from '../ingest/mask.ts';
import type { LogDocument } from '../logstore/log-store.ts';
import type { SearchEngine } from '../logstore/search-engine.ts';
import type { SourceServices } from './search-source-services.ts';

/** A log source of a user's cluster, as its row says. */
export interface SearchSourceRow {
  id: string;
  name: string;
  source_type: SearchSourceType;
  connection_config: ConnectionConfig;
  tenant_slug: string;
}

/** An opened source: checked, with its cluster, and with the rules by which its documents become lines. */
export interface SearchSource {
  row: SearchSourceRow;
  engine: SearchEngine;
  source: SourceIndex;
  services: SourceServices;
  limits: IngestLimits;
  read(document: SearchDocument): LogDocument;
}

export interface OpenDeps {
  engines: SearchEngines;
  readable_indices: ReadableIndices;
  limits: IngestLimits;
  maskOf(tenant_id: string): Promise<Mask>;
  servicesOf(tenant_id: string, log_source_id: string): Promise<SourceServices>;
  onClamped(): void;
}

/** Opens a source for one call. What the tenant may read is checked each time: the operator may have changed it. */
export async function openSearchSource(
  deps: OpenDeps,
  tenant_id: string,
  row: SearchSourceRow,
): Promise<SearchSource> {
  const engine = engineOf(deps.engines, row.source_type);
  const tenant = { tenant_id, tenant_slug: row.tenant_slug };
  const source = checkConnectionConfig(row.connection_config, tenant, deps.readable_indices);
  const services = await deps.servicesOf(tenant_id, row.id);
  const read = documentReader({
    tenant,
    log_source: row,
    mapping: source.mapping,
    limits: deps.limits,
    mask: await deps.maskOf(tenant_id),
    serviceId: services.serviceId,
    onClamped: deps.onClamped,
  });
  return { row, engine, source, services, limits: deps.limits, read };
}

/** Runs `work`; what the cluster answers instead is told in words for the person who can mend it. */
export async function explained<T>({ row, source }: SearchSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainAnswer(error, row.source_type, source);
  }
}
