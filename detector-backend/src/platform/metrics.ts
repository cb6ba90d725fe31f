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
  };
}
