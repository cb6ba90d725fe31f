import { afterEach, expect, test } from 'vitest';
import { scriptedEngine, type ScriptedAnswer, type ScriptedEngine } from './scripted-engine-fixture.ts';
import { readHits } from './search-hits.ts';

const SHARDS = { total: 1, successful: 1, failed: 0 };
const HIT = { _id: 'a', _index: 'logs', _source: {}, sort: [1] };
let open: ScriptedEngine | undefined;
afterEach(() => open?.close());

async function idsFrom(script: (body: string, path: string) => ScriptedAnswer): Promise<string[]> {
  open = await scriptedEngine('elasticsearch', ({ body, path }) => script(body, path));
  const ids: string[] = [];
  const asked = { index: 'logs', query: { match_all: {} } };
  for await (const page of readHits(open.engine, asked, ({ _id }) => _id)) ids.push(...page);
  return ids;
}

const found = (answer: object): ScriptedAnswer => ({ status: 200, body: { _shards: SHARDS, ...answer } });
const page = found({ hits: { hits: [HIT] } });
const look = {
  hits: { total: { value: 1 }, hits: [] },
  aggregations: { first: { value: null }, last: { value: null } },
};

test('an index without sequence numbers is read all the same', async () => {
  const ids = await idsFrom((body, path) => {
    if (path.endsWith('_pit')) return found({ id: 'p' });
    if (!body.includes('"aggs"')) return page;
    const reason = 'Field [_seq_no] of type [_seq_no] does not support aggregations';
    return body.includes('_seq_no') ? { status: 400, body: { error: { type: 'x', reason } } } : found(look);
  });
  expect(ids).toEqual(['a']);
});

test('a search that left a cluster out is no answer', async () => {
  const _clusters = { total: 2, successful: 1, skipped: 1 };
  const read = idsFrom((_body, path) =>
    path.endsWith('_pit') ? found({ id: 'p' }) : found({ ...look, _clusters }),
  );
  await expect(read).rejects.toMatchObject({ code: 'log_store_unavailable' });
});
