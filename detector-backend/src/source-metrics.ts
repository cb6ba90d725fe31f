import type { Metrics } from './platform/metrics.ts';
import type { Database } from './platform/postgres.ts';

interface SourceRow {
  tenant_id: string;
  log_source: string;
  lag_seconds: number | null;
  is_blind: number;
  lines_read: number;
  lines_late: number;
  lines_unmined: number;
  slices_reread: number;
  recounts_missed: number;
}

const SOURCES = `
  select tenant_id, name as log_source, (blind_since is not null)::integer as is_blind, lines_read, lines_late,
    lines_unmined, slices_reread, recounts_missed,
    greatest(0, date_part('epoch', case clock_mode when 'wall' then now() else clock_at end - cursor_at)) as lag_seconds
  from log_sources where is_enabled order by tenant_id, name limit 1000`;

const METRICS: [
  kind: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (row: SourceRow) => number | null,
][] = [
  ['gauge', 'lag_seconds', 'How far reading is behind the source’s clock', (row) => row.lag_seconds],
  ['gauge', 'blind', '1 while the source can not be read', (row) => row.is_blind],
  ['counter', 'lines_total', 'Lines counted', (row) => row.lines_read],
  ['counter', 'late_lines_total', 'Lines that a re-count found', (row) => row.lines_late],
  ['counter', 'unmined_lines_total', 'Lines counted but not mined', (row) => row.lines_unmined],
  ['counter', 'reread_slices_total', 'Slices read again because they had grown', (row) => row.slices_reread],
  ['counter', 'missed_recounts_total', 'Re-counts that were never made', (row) => row.recounts_missed],
];

/**
 * Shows how every enabled log source is read, asked of the database whenever metrics are scraped: any process may be scraped,
 * and all say the same.
 */
export function showSources(metrics: Metrics, database: Database): void {
  for (const [kind, name, help, value] of METRICS) {
    const labelNames = ['tenant_id', 'log_source'] as const;
    metrics.table(kind, `seismolog_log_source_${name}`, help, labelNames, async () =>
      (await database.sweep<SourceRow>(SOURCES)).flatMap((row) => {
        const { tenant_id, log_source } = row;
        const shown = value(row);
        return shown === null ? [] : [{ labels: { tenant_id, log_source }, value: shown }];
      }),
    );
  }
}
