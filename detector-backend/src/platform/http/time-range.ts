import { AppError } from '../errors.ts';

/** Epoch ms of an ISO 8601 time or of epoch milliseconds as text. Throws `invalid_request` naming the field. */
export function parseTime(text: string, field: string): number {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  // PostgreSQL and Date agree on what a time is only inside these bounds.
  if (!Number.isFinite(ms) || ms < 0 || ms > 4_102_444_800_000) {
    throw new AppError(
      'invalid_request',
      `${field} must be an ISO 8601 time or epoch milliseconds, got "${text.slice(0, 40)}".`,
      { field },
    );
  }
  return ms;
}

/** Half-open [from, to) in epoch ms; an absent end is null. Throws when it is empty. */
export function parseTimeRange(query: { from?: string | undefined; to?: string | undefined }) {
  const from = query.from === undefined ? null : parseTime(query.from, 'from');
  const to = query.to === undefined ? null : parseTime(query.to, 'to');
  if (from !== null && to !== null && from >= to) {
    throw new AppError('invalid_request', 'from must be before to.', { field: 'from' });
  }
  return { from, to };
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();
export const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
