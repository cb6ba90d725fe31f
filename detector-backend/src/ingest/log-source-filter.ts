import { AppError } from '../platform/errors.ts';
import { isObject, type Json } from './record-fields.ts';
import { measureJson } from './json-size.ts';

const FIELD = 'connection_config.query';
const MAX_BYTES = 10_000;
const MAX_DEPTH = 16;
const MAX_CLAUSES = 200;

/** Queries of other queries, and under which of their keys these stand. */
const COMPOUND = new Map<string, readonly string[]>([
  ['bool', ['must', 'filter', 'should', 'must_not']],
  ['constant_score', ['filter']],
  ['dis_max', ['queries']],
  ['nested', ['query']],
]);
/**
 * Queries that look at nothing but the document. What is not here runs scripts (`script`, `script_score`, `terms_set`), reads
 * documents of other indices (`percolate`, `more_like_this`, `geo_shape`), hides another query (`wrapper`, `template`), or
 * ranks, which a filter has no use for.
 */
const LEAVES = new Set([
  'match_all',
  'match_none',
  'term',
  'terms',
  'range',
  'exists',
  'prefix',
  'wildcard',
  'regexp',
  'ids',
  'match',
  'match_phrase',
  'match_phrase_prefix',
  'multi_match',
  'query_string',
  'simple_query_string',
]);

/**
 * Checks a query that a user gives for a log source: known kinds only, at most 10,000 bytes, 16 levels and 200 clauses.
 * @throws AppError `invalid_request` (field `connection_config.query`)
 */
export function checkFilter(query: unknown): void {
  const size = measureJson(query, MAX_DEPTH);
  if (size === null || size > MAX_BYTES) {
    throw refusal(`The query has at most ${MAX_BYTES} bytes and ${MAX_DEPTH} levels.`);
  }
  const clauses = countClauses(query);
  if (clauses > MAX_CLAUSES) throw refusal(`The query has at most ${MAX_CLAUSES} clauses.`);
}

const refusal = (detail: string) => new AppError('invalid_request', detail, { field: FIELD });

function countClauses(query: unknown): number {
  const kinds = isObject(query) ? Object.keys(query) : [];
  const [kind = ''] = kinds;
  if (!isObject(query) || kinds.length !== 1) {
    throw refusal(
      'A query is an object with one key, for instance {"term": {"event.dataset": "nginx.access"}}.',
    );
  }
  const body = query[kind];
  const inner = COMPOUND.get(kind);
  if (inner === undefined) {
    checkLeaf(kind, body);
    return 1;
  }
  if (!isObject(body)) throw refusal(`"${kind}" takes an object.`);
  let clauses = 1;
  for (const key of inner) {
    const given = body[key];
    for (const clause of Array.isArray(given) ? given : given === undefined ? [] : [given]) {
      clauses += countClauses(clause);
    }
  }
  checkOptions(kind, body, inner);
  return clauses;
}

const COMPOUND_OPTIONS = new Set(['minimum_should_match', 'boost', 'path', 'ignore_unmapped', '_name']);

function checkOptions(kind: string, body: Json, inner: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !inner.includes(key) && !COMPOUND_OPTIONS.has(key));
  if (unknown !== undefined) throw refusal(`"${unknown}" is not allowed in "${kind}".`);
}

function checkLeaf(kind: string, body: unknown): void {
  if (!LEAVES.has(kind)) {
    const known = [...COMPOUND.keys(), ...LEAVES].join(', ');
    throw refusal(`"${kind}" is not allowed here: use ${known}.`);
  }
  if (!isObject(body)) throw refusal(`"${kind}" takes an object.`);
  // `terms` with an object looks the values up in another index.
  const isLookup = kind === 'terms' && Object.values(body).some(isObject);
  if (isLookup) throw refusal('"terms" takes a list of values, not a look-up in an index.');
}
