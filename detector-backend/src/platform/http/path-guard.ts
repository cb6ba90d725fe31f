import { AppError } from '../errors.ts';

// `//`, encoded slashes and backslashes, and dot segments in any spelling.
const CROOKED = /\/\/|%2f|%5c|\\|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Refuses paths that a proxy in front of us may have read in another way than our router does: behind Grafana a wider
 * proxy route would pass them on with its secret attached.
 */
export function assertStraightPath(url: string): void {
  const path = url.split('?', 1)[0] ?? '';
  if (CROOKED.test(path)) {
    throw new AppError(
      'invalid_request',
      'The path contains an empty, encoded or dot segment; send it in plain form.',
    );
  }
}
