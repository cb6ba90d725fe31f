import { AppError } from '../platform/errors.ts';
import type { Client } from '../platform/postgres.ts';
import { createTemplateTree, type TemplateTree } from './drain.ts';
import type { Template } from './template-leaf.ts';
import { markEdited, type MinedTree, type Tally } from './mined-tree.ts';
import { covers, isWord } from './similarity.ts';
import { findSiblingRows } from './template-repository.ts';

/**
 * A new template takes the canonical id of the template that it would be in a tree of another source of its service,
 * so a service that moves to another source meets nothing new; else its own id. By its first pattern, so it does not
 * matter how lines are cut into pages; but what people decided about one event is not for what it was merged to meanwhile.
 */
export async function decideCanonicalIds(
  client: Client,
  fresh: ReadonlyMap<MinedTree, ReadonlySet<Tally>>,
): Promise<void> {
  for (const [mined, tallies] of fresh) {
    const known = await findSiblings(client, mined);
    for (const tally of tallies) {
      const { template, first_tokens } = tally;
      const twin = twinOf(first_tokens ?? template.tokens, known);
      if (twin?.is_edited && template.merged_into === null && !hasWordsOf(twin, template.tokens))
        tally.first_tokens = template.tokens;
      tally.canonical_id = canonicalIdOf(tally, known);
    }
  }
}

/**
 * Throws lost_lease where another source of the service has saved twins since {@link decideCanonicalIds}: hits carry the wrong
 * ids. Two sources that meet the same pattern at once would keep two ids for good. The caller holds `lockEvents`.
 */
export async function refuseStaleIds(
  client: Client,
  mined: MinedTree,
  tallies: readonly Tally[],
): Promise<void> {
  const known = await findSiblings(client, mined);
  if (tallies.some((tally) => tally.canonical_id !== canonicalIdOf(tally, known)))
    throw new AppError('lost_lease', 'Another log source of the service met the same templates at once.');
}

interface Siblings {
  trees: TemplateTree[];
  /** Canonical ids by id. */
  canonical: Map<number, number>;
}

async function findSiblings(
  client: Client,
  { log_source_id, service_id, edits }: MinedTree,
): Promise<Siblings> {
  const rows = await findSiblingRows(client, log_source_id, service_id);
  const canonical = new Map(rows.map((row) => [row.id, row.canonical_id]));
  const trees = [...new Set(rows.map((row) => row.log_source_id))].map((id) =>
    createTemplateTree({ states: rows.filter((row) => row.log_source_id === id), idOf: () => 0 }),
  );
  for (const { templates } of trees)
    for (const template of templates) markEdited(template, canonical.get(template.id) ?? template.id, edits);
  return { trees, canonical };
}

function canonicalIdOf({ template, first_tokens }: Tally, siblings: Siblings): number {
  const twin = twinOf(first_tokens ?? template.tokens, siblings);
  return (twin && siblings.canonical.get(twin.id)) ?? template.id;
}

function twinOf(tokens: readonly string[], { trees }: Siblings): Template | undefined {
  const alike = trees.flatMap((tree) => tree.find(tokens) ?? []);
  return (
    alike.find((one) => covers(one.tokens, tokens)) ??
    alike.find((one) => !one.is_edited || hasWordsOf(one, tokens))
  );
}

const hasWordsOf = (template: Template, tokens: readonly string[]): boolean =>
  template.tokens.every((token, i) => token === tokens[i] || !isWord(token));
