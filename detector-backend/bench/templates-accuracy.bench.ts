import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { assign, createMinedTree } from '../src/templates/mined-tree.ts';
import { readablePattern } from '../src/templates/pattern.ts';
import { createTokenizer, scan } from '../src/templates/tokenizer.ts';
import type { BenchOptions, BenchRow } from './bench-schema.ts';
import { readLoghubSets, type Labels, type LoghubSet } from './loghub-set.ts';
import { DRAIN3, runPeer } from './peer-python.ts';
import { accuracyOf, type Accuracy, type Mined } from './template-metrics.ts';

const METRICS = ['GA', 'FGA', 'PA', 'FTA'] as const;
/** Means over all sets with corrected labels. */
const GOALS: Accuracy = { GA: 0.9, FGA: 0.85, PA: 0.6, FTA: 0.55 };

/**
 * How well templates agree with those that people found, over every set of a folder in loghub-2k form: each set is
 * mined whole from its column `Content` by the product's tokenizer, cache and tree as they are, nothing is set per set,
 * and final templates are compared. One row a set, labelling and metric (template-metrics.ts), and their means.
 */
export async function run({ data_dir, peers, say }: BenchOptions): Promise<BenchRow[]> {
  const sets = readLoghubSets(data_dir);
  const ours = sets.map(({ lines }) => mine(lines));
  const theirs = peers ? await minePeer(sets, say) : null;
  const results = sets.flatMap((set, i) =>
    set.labels.map((labels) => ({
      set: set.name,
      labels: labels.name,
      ours: accuracyOf(ours[i] as Mined, labels),
      peer: theirs && accuracyOf(theirs[i] as Mined, labels),
    })),
  );
  const names: Labels['name'][] = ['original', 'corrected', 'loghub-2.0'];
  return [
    ...results.flatMap((result) =>
      rowsOf(`${result.set} (${result.labels})`, result.ours, result.peer, false),
    ),
    ...names.flatMap((name) => {
      const all = results.filter(({ labels }) => labels === name);
      if (all.length === 0) return [];
      const peer = theirs && meanOf(all.map((result) => result.peer as Accuracy));
      const input = `mean of ${all.length} sets (${name})`;
      return rowsOf(input, meanOf(all.map((result) => result.ours)), peer, name === 'corrected');
    }),
  ];
}

/** A line is of the template that its own was merged into, as people see it in the end. */
function mine(lines: readonly string[]): Mined {
  const tokenizer = createTokenizer();
  const mined = createMinedTree({ log_source_id: 'bench', service_id: 'bench' }, []);
  const assigned = lines.map((message) => {
    scan(tokenizer, message);
    return assign(mined, tokenizer, { timestamp: 0, message }, 0).template;
  });
  const byId = new Map(mined.tree.templates.map((template) => [template.id, template]));
  const templates = assigned.map((template) => byId.get(template.merged_into ?? template.id) ?? template);
  return {
    groups: templates.map(({ id }) => id),
    templates: templates.map(({ pattern }) => readablePattern(pattern)),
  };
}

async function minePeer(sets: readonly LoghubSet[], say: (text: string) => void): Promise<Mined[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-bench-'));
  try {
    const file = path.join(folder, 'lines.json');
    fs.writeFileSync(file, JSON.stringify(sets.map(({ lines }) => lines)));
    return await runPeer<Mined[]>('drain3_peer.py', ['accuracy', file], say);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function meanOf(all: readonly Accuracy[]): Accuracy {
  const mean = (metric: keyof Accuracy) => all.reduce((sum, one) => sum + one[metric], 0) / all.length;
  return { GA: mean('GA'), FGA: mean('FGA'), PA: mean('PA'), FTA: mean('FTA') };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function rowsOf(input: string, ours: Accuracy, peer: Accuracy | null, hasGoal: boolean): BenchRow[] {
  return METRICS.map((metric) => ({
    input,
    metric,
    ours: rounded(ours[metric]),
    peer: peer && rounded(peer[metric]),
    peer_name: peer && DRAIN3,
    ratio: peer && peer[metric] > 0 ? rounded(ours[metric] / peer[metric]) : null,
    goal: hasGoal ? `${metric} >= ${GOALS[metric]}` : null,
    holds: hasGoal ? ours[metric] >= GOALS[metric] : null,
  }));
}
