import { SearchError, type SearchEngine, type SearchRequest } from './search-engine.ts';

/** Where Elasticsearch and OpenSearch need other words for the same thing. */
export interface SearchDialect {
  /** Opens a point in time; refused by the engine when a shard is missing. `index` is encoded. */
  openPit(index: string, keep_alive: string): SearchRequest;
  pitIdOf(answer: { id?: string; pit_id?: string }): string;
  closePit(pit_id: string): SearchRequest;
  /** Whether opening failed only because no index matches the pattern. */
  isNoIndex(error: unknown): boolean;
  /** The cheapest sort of a point in time that gives every document once. */
  pageSort(pit: { is_one_shard: boolean }): readonly string[];
}

const ELASTICSEARCH: SearchDialect = {
  // Strict by itself: with a missing shard it answers 503.
  openPit: (index, keep_alive) => ({ method: 'POST', path: `/${index}/_pit`, query: { keep_alive } }),
  pitIdOf: ({ id }) => given(id),
  closePit: (id) => ({ method: 'DELETE', path: '/_pit', body: { id } }),
  // A pattern without a match opens an empty point in time.
  isNoIndex: () => false,
  pageSort: () => ['_shard_doc'],
};

const OPENSEARCH: SearchDialect = {
  openPit: (index, keep_alive) => ({
    method: 'POST',
    path: `/${index}/_search/point_in_time`,
    query: { keep_alive, allow_partial_pit_creation: false },
  }),
  pitIdOf: ({ pit_id }) => given(pit_id),
  closePit: (id) => ({ method: 'DELETE', path: '/_search/point_in_time', body: { pit_id: [id] } }),
  isNoIndex: (error) =>
    error instanceof SearchError && error.status === 400 && error.message.includes('invalid id: [null]'),
  /*
   * Here `_shard_doc` begins at the same value in every index, so alone it loses a document now and then where a page ends
   * (2 of 200,000 over three indices, 3.8.0), and so do `_doc` and `_doc, _shard_doc`. In one shard `_doc` is enough, and goes
   * on where it was; the two others look at every document that is found for every page.
   */
  pageSort: ({ is_one_shard }) => (is_one_shard ? ['_doc'] : ['_shard_doc', '_index']),
};

export const dialectOf = (engine: SearchEngine): SearchDialect =>
  engine.name === 'elasticsearch' ? ELASTICSEARCH : OPENSEARCH;

function given(pit_id: string | undefined): string {
  if (pit_id === undefined) throw new SearchError(200, '', 'The engine opened a point in time without an id');
  return pit_id;
}
