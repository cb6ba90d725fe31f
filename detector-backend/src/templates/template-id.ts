import { createHash } from 'node:crypto';

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
    const digest = createHash('sha256')
      .update(`${tree.log_source_id}\n${tree.service_id}\n${pattern}${suffix}`)
      .digest();
    const id = Number(digest.readBigUInt64BE() >> 11n);
    if (!taken(id)) return id;
    suffix += `\n${ordinal}`;
  }
}
