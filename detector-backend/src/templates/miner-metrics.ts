import type { Metrics } from '../platform/metrics.ts';
import type { MinerStats } from './template-miner.ts';

const GAUGES = {
  trees: ['seismolog_template_trees', 'Template trees in memory'],
  templates: ['seismolog_templates', 'Templates in memory'],
  evicted_trees: ['seismolog_template_evicted_trees', 'Trees that left memory for others since the start'],
  cache_evictions: [
    'seismolog_template_cache_evictions',
    'Masked lines that left a cache for others since the start',
  ],
  evicted_templates: [
    'seismolog_template_evicted_templates',
    'Templates that made room for others in a full tree since the start',
  ],
  revived_templates: [
    'seismolog_template_revived_templates',
    'Evicted templates that came back with a line since the start',
  ],
  forgotten_templates: [
    'seismolog_template_forgotten_templates',
    'Evicted templates that were forgotten since the start, because too many were evicted after them',
  ],
} as const satisfies Record<keyof MinerStats, readonly [string, string]>;

/** Shows what the miner of this process holds, and what it lost to limits: read when somebody asks for metrics. */
export function showMiner({ gauge }: Metrics, miner: { stats(): MinerStats }): void {
  for (const [key, [name, help]] of Object.entries(GAUGES))
    gauge(name, help, [], () => miner.stats()[key as keyof MinerStats]);
}
