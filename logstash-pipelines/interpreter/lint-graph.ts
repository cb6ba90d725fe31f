import { type LintFault, type Variant } from './lint-fault.ts';

type Edge = { from: string; to: string; address: string; where: string };

/** The graph of `send_to` and `address`: complete, each address once, no cycle. */
export function lintGraph(variants: Variant[]): LintFault[] {
  const faults: LintFault[] = [];
  const listeners = new Map<string, string>();
  const fault = (where: string, message: string) => faults.push({ rule: 'pipeline-graph', where, message });
  for (const { entry, pipeline } of variants)
    for (const input of pipeline.inputs.filter((plugin) => plugin.name === 'pipeline')) {
      const address = input.strings.address!;
      const owner = listeners.get(address);
      if (owner !== undefined && owner !== entry.id)
        fault(input.file, `the address ${address} has two listeners`);
      listeners.set(address, entry.id);
    }
  const edges = edgesOf(variants, listeners);
  for (const { to, address, where } of edges)
    if (!to) fault(where, `nobody listens at the address ${address}`);
  for (const [address, id] of listeners)
    if (!edges.some((edge) => edge.address === address)) fault(id, `nobody sends to the address ${address}`);
  for (const cycle of cyclesOf(edges)) fault(cycle[0]!, `a cycle: ${cycle.join(' -> ')}`);
  return faults;
}

function edgesOf(variants: Variant[], listeners: Map<string, string>): Edge[] {
  return variants.flatMap(({ entry, pipeline }) =>
    pipeline.plugins
      .filter((plugin) => plugin.kind === 'output' && plugin.name === 'pipeline')
      .flatMap((plugin) =>
        plugin.lists.send_to!.map((address) => ({
          from: entry.id,
          to: listeners.get(address) ?? '',
          address,
          where: plugin.file,
        })),
      ),
  );
}

function cyclesOf(edges: Edge[]): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (id: string, path: string[]): void => {
    if (path.includes(id)) {
      cycles.push([...path.slice(path.indexOf(id)), id]);
      return;
    }
    if (done.has(id)) return;
    for (const to of new Set(edges.filter((edge) => edge.from === id && edge.to).map((edge) => edge.to)))
      walk(to, [...path, id]);
    done.add(id);
  };
  for (const { from } of edges) walk(from, []);
  return cycles;
}

/** Inputs whose sender learns that a line is safe, or that lose what is only in memory. */
const INTAKES = ['beats', 'elastic_agent', 'http', 'tcp', 'udp', 'kafka', 'file'];

/** `queue.type: persisted` on every pipeline that takes lines in, by itself or as the default of logstash.yml. */
export function lintQueues(variants: Variant[], defaults: Record<string, unknown>): LintFault[] {
  const faults = variants.flatMap(({ entry, pipeline }) => {
    const queue = entry.settings['queue.type'] ?? defaults['queue.type'];
    const intake = pipeline.inputs.find((input) => INTAKES.includes(input.name));
    if (!intake || queue === 'persisted') return [];
    const message = `takes lines in (${intake.name}) without queue.type: persisted`;
    return [{ rule: 'persisted-queue', where: `pipelines.yml ${entry.id}`, message }];
  });
  return faults.filter((fault, index) => faults.findIndex((other) => other.where === fault.where) === index);
}
