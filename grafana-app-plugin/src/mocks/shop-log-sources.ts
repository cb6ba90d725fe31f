import type {
  LogSource,
  LogSourceHealth,
  LogSourcePreview,
  PreviewedLogSource,
} from '../api/log-source-types.ts';
import { fieldPaths } from '../pages/log-sources/field-mapping.ts';
import { sourceId } from './shop-services.ts';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** What a source is when nothing is said about it: pushed, read up to 4 s ago. */
export function logSource(now: number, index: number, changes: Partial<LogSource>): LogSource {
  const lag_seconds = changes.lag_seconds === undefined ? 4 : changes.lag_seconds;
  return {
    id: sourceId(index),
    name: `source ${index}`,
    source_type: 'push',
    is_enabled: true,
    status: 'ok',
    cursor_at: lag_seconds === null ? null : iso(now - lag_seconds * 1000),
    last_error: null,
    lines_read: 0,
    lines_late: 0,
    slices_reread: 0,
    lines_unmined: 0,
    coverage: 1,
    backfill: null,
    shard_of: null,
    connection_config: {},
    slice_seconds: 5,
    read_lag_seconds: 2,
    allowed_lateness_seconds: 10,
    backfill_hours: null,
    clock_mode: 'wall',
    created_at: iso(now - 30 * 24 * HOUR),
    ...changes,
    lag_seconds,
  };
}

/** Sources of the simulated shop: read well, too many lines, and one in two shards. */
export const shopLogSources = (now: number): LogSource[] => [
  logSource(now, 0, {
    name: 'shop',
    source_type: 'simulated',
    lines_read: 4_812_440,
    lines_late: 12,
    slices_reread: 3,
  }),
  logSource(now, 1, {
    name: 'warehouse',
    source_type: 'elasticsearch',
    status: 'behind',
    lag_seconds: 96,
    lines_read: 182_400_112,
    lines_late: 4120,
    slices_reread: 611,
    coverage: 0.97,
    lines_unmined: 5_472_003,
    read_lag_seconds: 30,
    backfill_hours: 24,
    connection_config: {
      index: 'logs-warehouse-*',
      fields: { severity: 'level', service: 'kubernetes.labels.app' },
      query: { bool: { must_not: [{ term: { level: 'debug' } }] } },
    },
  }),
  logSource(now, 2, {
    name: 'warehouse picking',
    source_type: 'elasticsearch',
    lag_seconds: 33,
    lines_read: 61_902_771,
    lines_late: 911,
    slices_reread: 140,
    shard_of: sourceId(1),
    read_lag_seconds: 30,
    connection_config: { index: 'logs-warehouse-*' },
  }),
];

/** Sources in every other state that there is. */
export const troubledLogSources = (now: number): LogSource[] => [
  logSource(now, 10, {
    name: 'edge',
    source_type: 'opensearch',
    status: 'blind',
    lag_seconds: 1260,
    lines_read: 9_120_004,
    last_error:
      'The cluster https://search.edge.example:9200 answered 401: unable to authenticate user [reader] for REST ' +
      'request [/logs-edge-*/_pit]. Check OPENSEARCH_PASSWORD.',
    connection_config: { index: 'logs-edge-*' },
  }),
  logSource(now, 11, {
    name: 'billing',
    source_type: 'elasticsearch',
    status: 'error',
    lag_seconds: 41,
    lines_read: 220_100,
    last_error: '3 of 12 shards of logs-billing-2026.03.04 failed: no_shard_available_action_exception.',
    connection_config: { index: 'logs-billing-*' },
  }),
  logSource(now, 12, {
    name: 'mobile',
    source_type: 'elasticsearch',
    status: 'behind',
    lag_seconds: 41_400,
    lines_read: 812_000,
    backfill: { from: iso(now - 24 * HOUR), until: iso(now), progress: 0.52, seconds_left: 214 },
    backfill_hours: 24,
    connection_config: { index: 'filebeat-mobile-*' },
  }),
  logSource(now, 13, { name: 'new pushes', lag_seconds: null }),
  logSource(now, 14, {
    name: 'old recording',
    source_type: 'replay',
    status: 'disabled',
    is_enabled: false,
    lag_seconds: 86_400,
  }),
];

export const healthOfSource = (source: LogSource, now: number): LogSourceHealth => {
  const isUnread = source.status === 'blind' || source.status === 'error';
  return {
    id: source.id,
    status: source.status,
    last_read_at: isUnread ? source.cursor_at : source.cursor_at && iso(now - 1000),
    last_error: source.last_error,
    last_error_at: isUnread ? iso(now - 3000) : null,
    blind_since: source.status === 'blind' ? source.cursor_at : null,
  };
};

const LINES = [
  ['storefront', 'info', 'GET /products/4711 200 in 31 ms'],
  ['checkout', 'warn', 'payment provider answered after 1.9 s'],
  ['checkout', 'error', 'payment refused: card declined for order 88213'],
  ['inventory', 'unknown', 'stock of sku 99120 is 14'],
] as const;

/** As the detector would answer: a quarter of the documents have no severity. */
export function previewOf(
  { connection_config, backfill_hours = 24 }: PreviewedLogSource,
  now: number,
): LogSourcePreview {
  const lines = Array.from({ length: 20 }, (_, index) => {
    const [service, severity, message] = LINES[index % LINES.length] ?? LINES[0];
    return { timestamp: iso(now - 40_000 - index * 731), service, severity, message, source: 'web-03' };
  });
  const paths = fieldPaths(connection_config);
  const fields = paths.flatMap(({ field, path }) => {
    const found = { severity: 0.75, release: 0 }[field as string] ?? 1;
    return path === null ? [] : [{ field, path, found, is_indexed: found > 0 }];
  });
  const cursor_field = fields.find(({ field }) => field === 'cursor')?.path ?? '@timestamp';
  return {
    lines,
    fields,
    cursor_field,
    has_cursor_field: true,
    indices: 14,
    documents_24h: 1_204_118,
    backfill_documents: Math.round((1_204_118 * backfill_hours) / 24),
    backfill_seconds: Math.ceil((120 * backfill_hours) / 24),
    problems: [
      {
        field: 'connection_config.fields.severity',
        message: '"log.level" can not be grouped by: busy slices need a keyword, or a sub-field of one.',
      },
    ],
  };
}
