import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  /** Metrics are made on first use of their name; a later call with the same name gives the same one. */
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  /** @param value asked when the metrics are read, of a gauge without labels; else the caller sets it */
  gauge<L extends string>(name: string, help: string, labels: readonly L[], value?: () => number): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    buckets?: number[],
  ): Histogram<L>;
  /** A metric whose values are asked for, all at once, when the metrics are read; none are shown while `rows` fails. */
  table<L extends string>(
    kind: 'gauge' | 'counter',
    name: string,
    help: string,
    labels: readonly L[],
    rows: () => Promise<{ labels: Record<L, string>; value: number }[]>,
  ): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One Prometheus registry per process; names start with `seismolog_`, times are in seconds. */
export function createMetrics(options: { process_metrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.process_metrics ?? true) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      (registry.getSingleMetric(name) as Counter<L> | undefined) ??
      new Counter({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[], value?: () => number) =>
      (registry.getSingleMetric(name) as Gauge<L> | undefined) ??
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        ...(value && {
          collect(this: Gauge<L>) {
            this.set(value());
          },
        }),
      }),
    histogram: <L extends string>(name: string, help: string, labelNames: readonly L[], buckets = SECONDS) =>
      (registry.getSingleMetric(name) as Histogram<L> | undefined) ??
      new Histogram({ name, help, labelNames, buckets, registers }),
    table: (kind, name, help, labelNames, rows) => addTable(registry, kind, { name, help, labelNames }, rows),
  };
}

function addTable(
  registry: Registry,
  kind: 'gauge' | 'counter',
  shape: { name: string; help: string; labelNames: readonly string[] },
  rows: () => Promise<{ labels: object; value: number }[]>,
): void {
  if (registry.getSingleMetric(shape.name)) return;
  const collect = async (metric: { reset(): void; inc(labels: object, value: number): void }) => {
    metric.reset();
    for (const { labels, value } of await rows().catch(() => [])) metric.inc(labels, value);
  };
  const options = {
    ...shape,
    registers: [registry],
    collect(this: Parameters<typeof collect>[0]) {
      return collect(this);
    },
  };
  if (kind === 'gauge') new Gauge(options);
  else new Counter(options);
}
