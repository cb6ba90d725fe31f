import type { Client } from '../platform/postgres.ts';
import { createTemplateTree, type Template } from './drain.ts';
import { markEdited, type MinedTree, type Tally } from './mined-tree.ts';
import { generalise, isWord } from './similarity.ts';
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
    for (const { templates } of trees)
      for (const template of templates)
        markEdited(template, canonical.get(template.id) ?? template.id, mined.edits);
    for (const tally of tallies) {
      const { tokens } = tally.template;
      const alike = trees.flatMap((tree) => tree.find(tokens) ?? []);
      const twin =
        alike.find((template) => generalise(template.tokens, tokens) === null) ??
        alike.find((template) => !template.is_edited || hasWordsOf(template, tokens));
      tally.canonical_id = (twin && canonical.get(twin.id)) ?? tally.template.id;
    }
  }
}

// What people decided about one event is not for the pattern that it was merged to with others in this source.
const hasWordsOf = (template: Template, tokens: readonly string[]): boolean =>
  template.tokens.every((token, i) => token === tokens[i] || !isWord(token));
