import { describe, expect, test } from 'vitest';
import { outcomeOf, type BulkItem } from './search-bulk-items.ts';

const TIMED = { is_timed: true, isAmbiguous: false };
const item = (status: number, type = '', reason = 'why'): BulkItem => ({ status, error: { type, reason } });

describe('what a bulk item means', () => {
  test('201 is created', () => {
    expect(outcomeOf({ status: 201 }, TIMED)).toBe('created');
  });

  test('409 is a duplicate, unless the copy is of our own attempt that got no answer', () => {
    const conflict = item(409, 'version_conflict_engine_exception');
    expect(outcomeOf(conflict, TIMED)).toBe('duplicate');
    expect(outcomeOf(conflict, { is_timed: true, isAmbiguous: true })).toBe('created');
    // Another sender may have used the same client's key.
    expect(outcomeOf(conflict, { is_timed: false, isAmbiguous: true })).toBe('duplicate');
  });

  test.each([
    [429, 'es_rejected_execution_exception', false],
    [503, 'unavailable_shards_exception', true],
    [500, 'io_exception', true],
  ])('%i %s is sent again', (status, type, isAmbiguous) => {
    expect(outcomeOf(item(status, type), TIMED)).toEqual({ retry: 'why', isAmbiguous });
  });

  test.each([
    [429, 'cluster_block_exception', 'log_store_busy'],
    [403, 'cluster_block_exception', 'log_store_busy'],
    [403, 'security_exception', 'log_store_refused'],
    [404, 'index_not_found_exception', 'log_store_refused'],
    [400, 'validation_exception', 'log_store_refused'],
    [400, 'document_parsing_exception', 'invalid_document'],
    [400, 'mapper_parsing_exception', 'invalid_document'],
    [400, 'strict_dynamic_mapping_exception', 'invalid_document'],
    [400, 'illegal_argument_exception', 'invalid_document'],
  ])('%i %s is the error %s with the reason of the engine', (status, type, code) => {
    expect(outcomeOf(item(status, type), TIMED)).toEqual({ code, message: 'why' });
  });

  test('a missing pipeline is not the fault of the document', () => {
    const missing = item(400, 'illegal_argument_exception', 'pipeline with id [x] does not exist');
    expect(outcomeOf(missing, TIMED)).toMatchObject({ code: 'log_store_refused' });
  });

  test('the reason goes down to its cause', () => {
    const error = { type: 'document_parsing_exception', reason: 'failed', caused_by: { reason: 'no date' } };
    expect(outcomeOf({ status: 400, error }, TIMED)).toMatchObject({ message: 'failed: no date' });
  });
});
