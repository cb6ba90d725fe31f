import type { Client } from '../platform/postgres.ts';
import { embed, NO_FREQUENCIES } from './embedding.ts';
import type { LogTemplate } from './template-schema.ts';
import { withMergedLines } from './template-repository.ts';

/** Templates of a tenant that are compared: those seen last. */
const MAX_COMPARED = 20_000;
const DAY_MS = 86_400_000;
const MAX_RESEMBLED = 3;
/** Below, two patterns have little more in common than any two. */
const LEAST_SIMILARITY = 0.4;

export type SimilarTemplate = LogTemplate & { similarity: number };

/**
 * Templates of the tenant by how much their patterns are like that of a template, the most similar first; not those that are
 * the same service-wide. With `before` (epoch ms) only templates that were seen earlier.
 */
export async function findSimilar(
  client: Client,
  template: LogTemplate,
  { limit, before = null }: { limit: number; before?: number | null },
): Promise<SimilarTemplate[]> {
  const { rows } = await client.query<SimilarTemplate>(
    `${withMergedLines(
      `select compared.*, round(product.similarity::numeric, 4)::double precision as similarity
     from (select * from log_templates
           where id <> $1 and merged_into is null and canonical_id <> $2 and embedding is not null
             and ($4::double precision is null or first_seen_at < to_timestamp($4 / 1000))
           order by last_seen_at desc limit ${MAX_COMPARED}) as compared,
       lateral (select sum(a * b) as similarity from unnest(embedding, $3::real[]) as place (a, b)) as product
     order by product.similarity desc, id limit $5`,
      ', similarity',
    )}
     order by similarity desc, id`,
    [template.id, template.canonical_id, await embeddingOf(client, template), before, limit],
  );
  return rows;
}

async function embeddingOf(client: Client, { id, pattern }: LogTemplate): Promise<number[]> {
  const { rows } = await client.query<{ embedding: number[] | null }>(
    'select embedding from log_templates where id = $1',
    [id],
  );
  return rows[0]?.embedding ?? embed(pattern, NO_FREQUENCIES);
}

/** What a template that is younger than a day resembles of all that was known before it; nothing for an older one. */
export async function findResembled(client: Client, template: LogTemplate): Promise<SimilarTemplate[]> {
  const { rows } = await client.query<{ now: number }>(
    'select max(last_seen_at) as now from log_templates where service_id = $1',
    [template.service_id],
  );
  if ((rows[0]?.now ?? 0) - template.first_seen_at > DAY_MS) return [];
  const found = await findSimilar(client, template, { limit: MAX_RESEMBLED, before: template.first_seen_at });
  return found.filter(({ similarity }) => similarity >= LEAST_SIMILARITY);
}
