import { AppError } from '../errors.ts';

/** An opaque position in a list: the sort key of the last item that was given out. */
export const encodeCursor = (key: (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** The sort key of a cursor that {@link encodeCursor} made. Throws `invalid_request` for anything else. */
export function decodeCursor(cursor: string, length: number): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => ['string', 'number'].includes(typeof part))
    ) {
      return key as (string | number)[];
    }
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw new AppError('invalid_request', 'cursor must be the next_cursor of an earlier answer.', {
    field: 'cursor',
  });
}
