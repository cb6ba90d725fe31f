import type { Database } from '../platform/postgres.ts';
import { FEATURE_NAMES } from '../windows/window-schema.ts';
import { createPlainDetector, type Detector } from './detector.ts';
import type { InferenceThread } from './inference-thread.ts';
import { modelDue, type LoadedModel, type ModelVersion } from './model.ts';
import { findCurrentVersions, loadArtifact } from './model-repository.ts';
import { createOnnxDetector } from './onnx-detector.ts';
import { trainStep, type TrainStep } from './train-step.ts';

/** Artefacts kept in memory (about 400 kB each). */
const KEPT_ARTEFACTS = 16;

/** The models of all tenants, as one process sees them. */
export interface Models {
  /** The active model of a tenant; null before the first training. One small query a call, bytes are kept by sha256. */
  active(tenant_id: string): Promise<LoadedModel | null>;
  /** The detector of a model; the plain one for null. */
  detector(model: LoadedModel | null): Detector;
  train: TrainStep;
}

type ReadArtefact = (tenant_id: string, artifact_path: string) => Promise<Buffer>;

/** Reads artefacts, keeping the last ones used. Their name is their hash, so what is kept never goes stale. */
function artefactReader(database: Database): ReadArtefact {
  const kept = new Map<string, Buffer>();
  return async (tenant_id, artifact_path) => {
    const known = kept.get(artifact_path);
    const content =
      known ?? (await database.withTenant(tenant_id, (client) => loadArtifact(client, artifact_path)));
    kept.delete(artifact_path);
    kept.set(artifact_path, content);
    for (const path of [...kept.keys()].slice(0, -KEPT_ARTEFACTS)) kept.delete(path);
    return content;
  };
}

export function createModels({ database, thread }: { database: Database; thread: InferenceThread }): Models {
  const latest = new Map<string, ModelVersion | null>();
  const plain = createPlainDetector(FEATURE_NAMES);
  const train = trainStep({ database });
  const readArtefact = artefactReader(database);

  // A version of other features (an older release's) can not judge what this release computes: as if there were none,
  // so windows are judged by the plain detector until the next training, which is due at once.
  const usable = (version: ModelVersion | null): ModelVersion | null =>
    version?.card.feature_names.join() === FEATURE_NAMES.join() ? version : null;

  const look = async (tenant_id: string): Promise<ModelVersion | null> => {
    const current = await database.withTenant(tenant_id, findCurrentVersions);
    latest.set(tenant_id, usable(current.latest));
    return usable(current.active);
  };

  return {
    async active(tenant_id) {
      const version = await look(tenant_id);
      if (version === null) return null;
      return {
        model_version_id: version.id,
        version: version.version,
        sha256: version.artifact_path.replace(/^db:/, ''),
        content: await readArtefact(tenant_id, version.artifact_path),
        feature_names: version.card.feature_names,
      };
    },
    detector: (model) => (model === null ? plain : createOnnxDetector(thread, model)),
    train: {
      isDue(tenant_id, window_count, at) {
        const known = latest.get(tenant_id);
        return known !== undefined && modelDue(known, window_count, at);
      },
      async run(tenant_id, at) {
        const id = await train({ tenant_id, at });
        await look(tenant_id);
        return id;
      },
    },
  };
}
