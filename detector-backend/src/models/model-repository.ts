import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import { MODEL_NAME, type ModelVersion } from './model.ts';

const columns =
  'id, name, version, model_type, artifact_path, card, trained_until, window_count, is_active, created_at';

/** Newest first; `before` is the version after which the list goes on. */
export async function listModelVersions(
  client: Client,
  query: { before: number | null; limit: number },
): Promise<ModelVersion[]> {
  const { rows } = await client.query<ModelVersion>(
    `select ${columns} from model_versions where name = $1 and ($2::integer is null or version < $2)
     order by version desc limit $3`,
    [MODEL_NAME, query.before, query.limit],
  );
  return rows;
}

/** The newest version and the active one; null where there is none. */
export async function findCurrentVersions(
  client: Client,
): Promise<{ latest: ModelVersion | null; active: ModelVersion | null }> {
  const { rows } = await client.query<ModelVersion>({
    name: 'find-current-models',
    text: `select ${columns} from model_versions
           where name = $1 and (is_active or version = (select max(version) from model_versions where name = $1))
           order by version desc`,
    values: [MODEL_NAME],
  });
  return { latest: rows[0] ?? null, active: rows.find((version) => version.is_active) ?? null };
}

/** Bytes of the artefact `db:<sha256>`. Throws `not_found`. */
export async function loadArtifact(client: Client, artifact_path: string): Promise<Buffer> {
  const { rows } = await client.query<{ content: Buffer }>(
    'select content from model_artifacts where tenant_id = app_tenant_id() and sha256 = $1',
    [artifact_path.replace(/^db:/, '')],
  );
  if (!rows[0]) throw new AppError('not_found', `There is no model artefact ${artifact_path}.`);
  return rows[0].content;
}

/** Stores a version with its artefact and makes it the active one. False when another worker stored it before. */
export async function insertActiveVersion(
  client: Client,
  tenant_id: string,
  version: Omit<ModelVersion, 'is_active' | 'created_at' | 'artifact_path'>,
  artifact: { sha256: string; content: Uint8Array },
): Promise<boolean> {
  await client.query(
    `insert into model_artifacts (tenant_id, sha256, content) values ($1, $2, $3) on conflict do nothing`,
    [tenant_id, artifact.sha256, Buffer.from(artifact.content)],
  );
  const { id, name, model_type, card, trained_until, window_count } = version;
  const { rowCount } = await client.query(
    `insert into model_versions (id, tenant_id, name, version, model_type, artifact_path, card, trained_until, window_count)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::double precision / 1000), $9) on conflict do nothing`,
    [
      id,
      tenant_id,
      name,
      version.version,
      model_type,
      `db:${artifact.sha256}`,
      card,
      trained_until,
      window_count,
    ],
  );
  if (rowCount === 0) return false;
  await activateVersion(client, id);
  return true;
}

/** Makes exactly one version active; null when there is no such version. */
export async function activateVersion(client: Client, id: string): Promise<ModelVersion | null> {
  // The rows are locked in one order first, or two activations at once could each meet the other's active row.
  const { rows: locked } = await client.query<{ id: string }>(
    'select id from model_versions where name = $1 order by id for update',
    [MODEL_NAME],
  );
  if (!locked.some((row) => row.id === id)) return null;
  // Two statements: the unique index on the active version is checked row by row.
  await client.query(
    'update model_versions set is_active = false where name = $1 and is_active and id <> $2',
    [MODEL_NAME, id],
  );
  const { rows } = await client.query<ModelVersion>(
    `update model_versions set is_active = true where id = $1 returning ${columns}`,
    [id],
  );
  return rows[0] ?? null;
}
