import { createHash } from 'node:crypto';

/** Service-wide 53-bit id of what is split off a template: known before a line of it is seen, the same in every source. */
export function splitId(canonical_id: number, token_index: number, token: string): number {
  return firstBits(`split\n${canonical_id}\n${token_index}\n${token}`);
}

const firstBits = (text: string): number =>
  Number(createHash('sha256').update(text).digest().readBigUInt64BE() >> 11n);

/**
 * 53-bit id (safe in a double) of a template: first bits of SHA-256 over who met the pattern first, so any worker
 * computes the same. Two patterns of one tree that collide are told apart by the ordinal of the later one.
 * @param taken ids that the tree already has
 */
export function templateId(
  tree: { log_source_id: string; service_id: string },
  pattern: string,
  ordinal: number,
  taken: (id: number) => boolean,
): number {
  let suffix = '';
  for (;;) {
    const id = firstBits(`${tree.log_source_id}\n${tree.service_id}\n${pattern}${suffix}`);
    if (!taken(id)) return id;
    suffix += `\n${ordinal}`;
  }
}
