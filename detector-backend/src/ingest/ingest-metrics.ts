import type { Metrics } from '../platform/metrics.ts';
import type { IngestResult } from './ingest-schema.ts';

export function createIngestMetrics(metrics: Metrics) {
  const records = metrics.counter(
    'seismolog_ingest_records_total',
    'Records of POST /logs by what became of them',
    ['result'],
  );
  const clamped = metrics.counter(
    'seismolog_ingest_clamped_timestamps_total',
    'Time stamps too far from now that were replaced by the received time',
    [],
  );
  return {
    onBatch(result: IngestResult) {
      for (const name of ['accepted', 'rejected', 'duplicates'] as const)
        records.inc({ result: name }, result[name]);
    },
    onClamped: () => clamped.inc(),
  };
}
