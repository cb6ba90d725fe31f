import { expect, test } from 'vitest';
import { checkFilter } from './log-source-filter.ts';

test.each([
  { match_all: {} },
  { term: { 'event.dataset': 'nginx.access' } },
  { terms: { 'service.name': ['a', 'b'] } },
  // A field may have any name.
  { term: { script: 'x' } },
  { bool: { filter: [{ exists: { field: 'message' } }], must_not: { prefix: { 'host.name': 'test-' } } } },
  {
    bool: { should: [{ match: { message: 'a' } }, { range: { bytes: { gt: 1 } } }], minimum_should_match: 1 },
  },
  { constant_score: { filter: { term: { a: 1 } } } },
  { nested: { path: 'a', query: { term: { 'a.b': 1 } } } },
])('%o may be asked', (query) => {
  expect(() => checkFilter(query)).not.toThrow();
});

const nest = (depth: number): object =>
  depth === 0 ? { match_all: {} } : { bool: { filter: nest(depth - 1) } };

test.each([
  [{ script: { script: 'true' } }, '"script" is not allowed'],
  [{ bool: { filter: [{ script_score: { query: { match_all: {} } } }] } }, '"script_score" is not allowed'],
  [{ percolate: { field: 'q', index: 'other', id: '1' } }, '"percolate" is not allowed'],
  [{ more_like_this: { like: [{ _index: 'other', _id: '1' }] } }, '"more_like_this" is not allowed'],
  [{ terms: { user: { index: 'other', id: '1', path: 'ids' } } }, 'not a look-up'],
  [{ wrapper: { query: 'e30=' } }, '"wrapper" is not allowed'],
  [{ function_score: { query: { match_all: {} } } }, '"function_score" is not allowed'],
  [{ bool: { filter: [], script: {} } }, '"script" is not allowed in "bool"'],
  [{ term: { a: 1 }, match_all: {} }, 'one key'],
  [{}, 'one key'],
  [[], 'one key'],
  [{ bool: [] }, '"bool" takes an object'],
  [nest(20), '16 levels'],
  [{ terms: { a: Array(5000).fill('x') } }, '10000 bytes'],
  [{ bool: { filter: Array(201).fill({ match_all: {} }) } }, '200 clauses'],
])('%o is refused', (query, message) => {
  expect(() => checkFilter(query)).toThrow(message);
  expect(() => checkFilter(query)).toThrow(
    expect.objectContaining({ code: 'invalid_request', field: 'connection_config.query' }) as Error,
  );
});
