import { AppError } from '../platform/errors.ts';

const FIELD = 'connection_config.index';
const MAX_PARTS = 20;
/** A name or pattern without anything that the cluster would take for more than that. */
const PLAIN = /^[A-Za-z0-9*][A-Za-z0-9*._+@-]*$/;

/** What a tenant may read: the operator's patterns and always its own indices. */
export const readablePatterns = (tenant_slug: string, given: readonly string[]): string[] => [
  `logs-${tenant_slug}-2*`,
  ...given,
];

/**
 * Checks every comma-separated part of an index expression against the patterns that a tenant may read: each name that a
 * part can match must be matched by one pattern. Date math, exclusions, remote clusters, `_all` and hidden names are allowed
 * only where the operator wrote just the same.
 * @returns the expression without blanks
 * @throws AppError `invalid_request` or `forbidden` (field `connection_config.index`)
 */
export function checkIndex(expression: string, patterns: readonly string[], tenant_slug: string): string {
  const parts = expression.split(',').map((part) => part.trim());
  if (parts.length > MAX_PARTS) {
    throw new AppError('invalid_request', `Name at most ${MAX_PARTS} indices.`, { field: FIELD });
  }
  for (const part of parts) {
    if (patterns.includes(part)) continue;
    if (part === '') {
      throw new AppError('invalid_request', 'One of the indices has no name.', { field: FIELD });
    }
    if (!PLAIN.test(part)) {
      throw refusal(part, tenant_slug, ' It is more than a name or a pattern.');
    }
    if (!patterns.some((pattern) => covers(pattern, part))) throw refusal(part, tenant_slug, '');
  }
  return parts.join(',');
}

function refusal(part: string, tenant_slug: string, why: string): AppError {
  const advice =
    `The operator allows it with SEISMOLOG_READABLE_INDICES=${tenant_slug}=${part} ` +
    '(patterns of one tenant are separated by commas, tenants by semicolons).';
  return new AppError('forbidden', `This tenant may not read "${part}".${why} ${advice}`, { field: FIELD });
}

/**
 * Whether every name that `part` matches is matched by `pattern` (`*`: any characters, also none). A `*` of the part must be
 * taken up by a `*` of the pattern: never true where a name would escape, for `*a*` and the like sometimes false.
 */
export function covers(pattern: string, part: string): boolean {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  if (pieces.length === 1) return pattern === part;
  const last = pieces.at(-1) ?? '';
  if (!part.startsWith(first) || part.length < first.length + last.length || !part.endsWith(last))
    return false;
  let at = first.length;
  const end = part.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = part.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
