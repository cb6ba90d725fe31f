import type { ErrorCode } from '../platform/errors.ts';
import { reasonText, type EngineReason } from './search-failure.ts';

/** What `_bulk` says of one document. */
export interface BulkItem {
  status: number;
  error?: EngineReason;
}

/** What became of a document: stored now, stored before, to be sent again, or not to be stored. */
export type ItemOutcome =
  | 'created'
  | 'duplicate'
  | { retry: string; isAmbiguous: boolean }
  | { code: 'invalid_document' | 'log_store_busy' | ErrorCode; message: string };

export interface ItemContext {
  /** The id was made from the document's time, so nobody else uses it. */
  is_timed: boolean;
  /** An earlier attempt may have been carried out although no answer came. */
  isAmbiguous: boolean;
}

/** Meaning of a bulk item's status, as both engines give it. */
export function outcomeOf(item: BulkItem, { is_timed, isAmbiguous }: ItemContext): ItemOutcome {
  const { status, error = {} } = item;
  const { type = '' } = error;
  const message = reasonText(error).slice(0, 500);
  if (status < 300) return 'created';
  // The copy that stands in the way is the one of our own earlier attempt.
  if (status === 409) return is_timed && isAmbiguous ? 'created' : 'duplicate';
  // The disk is full (flood stage) or the index is closed to writing: nothing that a few seconds would change.
  if (type === 'cluster_block_exception') return { code: 'log_store_busy', message };
  if (status === 429) return { retry: message, isAmbiguous: false };
  if (status >= 500) return { retry: message, isAmbiguous: true };
  if (isDocumentsFault(status, type, message)) return { code: 'invalid_document', message };
  return { code: 'log_store_refused', message };
}

// 400 also stands for an index that can not be made (too many shards, a bad template) and for a pipeline that is missing.
function isDocumentsFault(status: number, type: string, message: string): boolean {
  if (status !== 400 || /pipeline with id/.test(message)) return false;
  return /pars|mapper|mapping|illegal_argument/.test(type);
}
