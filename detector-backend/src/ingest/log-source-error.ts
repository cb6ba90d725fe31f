import { SearchError } from '../logstore/search-engine.ts';
import { AppError } from '../platform/errors.ts';
import type { SourceIndex } from './log-source-config.ts';
import { nameOf } from './log-source-settings.ts';
import type { SearchSourceType } from './log-source-schema.ts';

/**
 * What a cluster's refusal means for a log source, in words for the person who can mend it. Other errors (not reachable, 401,
 * 403) say so themselves and stay as they are.
 */
export function explainAnswer(
  error: unknown,
  source_type: SearchSourceType,
  { index }: SourceIndex,
): unknown {
  if (!(error instanceof SearchError)) return error;
  const { status, message } = error;
  if (status === 404) {
    return new AppError('invalid_request', `${nameOf(source_type)} has no index "${index}".`, {
      field: 'connection_config.index',
      cause: error,
    });
  }
  if (status !== 400) return error;
  const isText = /fielddata|Text fields are not optimised|not optimized/i.test(message);
  const advice = isText ? ' Name a field that can be grouped by, such as its sub-field ".keyword".' : '';
  const detail = `${nameOf(source_type)} can not answer for this source: ${message.slice(0, 300)}${advice}`;
  return new AppError('invalid_request', detail, {
    field: isText ? 'connection_config.fields' : 'connection_config',
    cause: error,
  });
}
