import { expect, test } from 'vitest';
import { createMetrics } from '../platform/metrics.ts';
import { showMiner } from './miner-metrics.ts';

test('shows the numbers of the miner at the time of asking', async () => {
  const metrics = createMetrics({ process_metrics: false });
  const evicted = { evicted_templates: 0, revived_templates: 0, forgotten_templates: 0 };
  const stats = { trees: 1, templates: 0, evicted_trees: 0, cache_evictions: 0, ...evicted };
  showMiner(metrics, { stats: () => stats });
  Object.assign(stats, { templates: 7, evicted_trees: 2, cache_evictions: 3, evicted_templates: 4 });
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => /^\w/.test(line));
  expect(lines).toEqual([
    'seismolog_template_trees 1',
    'seismolog_templates 7',
    'seismolog_template_evicted_trees 2',
    'seismolog_template_cache_evictions 3',
    'seismolog_template_evicted_templates 4',
    'seismolog_template_revived_templates 0',
    'seismolog_template_forgotten_templates 0',
  ]);
});
