import type { Client } from '../platform/postgres.ts';
import { createTemplateTree } from './drain.ts';
import type { MinedTree, Tally } from './mined-tree.ts';
import { findSiblingRows } from './template-repository.ts';

/**
 * A new template takes the canonical id of the template that it would be in a tree of another source of its service,
 * so a service that moves to another source meets nothing new; else its own id.
 */
export async function decideCanonicalIds(
  client: Client,
  fresh: ReadonlyMap<MinedTree, ReadonlySet<Tally>>,
): Promise<void> {
  for (const [mined, tallies] of fresh) {
    const rows = await findSiblingRows(client, mined.log_source_id, mined.service_id);
    const canonical = new Map(rows.map((row) => [row.id, row.canonical_id]));
    const trees = [...new Set(rows.map((row) => row.log_source_id))].map((id) =>
      createTemplateTree({ states: rows.filter((row) => row.log_source_id === id), idOf: () => 0 }),
    );
    for (const tally of tallies) {
      const twin = trees
        .map((tree) => tree.find(tally.template.tokens))
        .find((template) => template !== null);
      tally.canonical_id = (twin && canonical.get(twin.id)) ?? tally.template.id;
    }
  }
}
