import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded, type EmbeddedOptions, type EmbeddedStack } from '../src/embedded.ts';
import type { Metrics } from '../src/platform/metrics.ts';
import { ownRow, type BenchRow } from './bench-schema.ts';

/** Runs `work` with a data folder that is gone afterwards; PostgreSQL may read it. */
export async function withDataDir<T>(work: (data_dir: string) => Promise<T>): Promise<T> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-bench-'));
  // PostgreSQL runs as another user when we are root.
  fs.chmodSync(home, 0o755);
  try {
    return await work(path.join(home, 'data'));
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** The whole product with its default durability, on a free port; `options.config` wins over that. */
export async function withStack<T>(
  data_dir: string,
  work: (stack: EmbeddedStack) => Promise<T>,
  options: EmbeddedOptions = {},
): Promise<T> {
  const config = { data_dir, http_port: 0, log_level: 'error', ...options.config };
  const stack = await startEmbedded({ ...options, config });
  try {
    return await work(stack);
  } finally {
    await stack.stop();
  }
}

/** Quantile of a histogram without labels in its own unit, in a straight line within a bucket; null when it is empty. */
export async function histogramQuantile(
  metrics: Metrics,
  name: string,
  share: number,
): Promise<number | null> {
  const found = (await metrics.registry.getMetricsAsJSON()).find((metric) => metric.name === name);
  const values = (found?.values ?? []) as {
    metricName?: string;
    value: number;
    labels: { le?: number | string };
  }[];
  const buckets = values.filter((entry) => entry.metricName === `${name}_bucket`);
  const total = values.find((entry) => entry.metricName === `${name}_count`)?.value ?? 0;
  if (total === 0) return null;
  let below = { edge: 0, count: 0 };
  for (const { labels, value } of buckets) {
    const edge = labels.le === '+Inf' ? below.edge : Number(labels.le);
    const inside = value - below.count;
    if (value >= share * total) {
      return inside === 0
        ? edge
        : below.edge + ((share * total - below.count) / inside) * (edge - below.edge);
    }
    below = { edge, count: value };
  }
  return below.edge;
}

/** How long one slice and one block of judged minutes took in this process. */
export async function stepRows({ parts }: EmbeddedStack, input: string): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, metric] of [
    ['slice', 'seismolog_slice_seconds'],
    ['judge_block', 'seismolog_judge_block_seconds'],
  ] as const) {
    for (const percent of [50, 99]) {
      const seconds = await histogramQuantile(parts.metrics, metric, percent / 100);
      rows.push(
        ownRow(input, `${name}_p${percent}_ms`, seconds === null ? null : Math.round(seconds * 1000)),
      );
    }
  }
  return rows;
}
