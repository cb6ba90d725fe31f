import { judge, type DetectorResult, type DetectorRow } from './ensemble.ts';

/** Judges windows. Implementations: the ONNX ensemble and the plain baseline; one conformance suite (detector-checks.ts). */
export interface Detector {
  /** Row of `model_versions`, or null for the plain detector. */
  readonly model_version_id: string | null;
  /** The features that the model expects, in order. */
  readonly feature_names: readonly string[];
  /**
   * Results in the order of the rows, each a pure function of its row. Every number is finite; a value that is not a
   * number is judged as 0.
   */
  detect(rows: readonly DetectorRow[]): Promise<DetectorResult[]>;
}

const finite = (values: number[]): number[] =>
  values.map((value) => (Number.isNaN(value) ? 0 : Math.fround(Math.min(1e6, Math.max(-1e6, value)))));

/** What both implementations see: finite float32 values. */
export const cleanRow = (row: DetectorRow): DetectorRow => ({
  features: finite(row.features),
  hashed_counts: finite(row.hashed_counts),
  calibration: finite(row.calibration),
});

/** Before a model is trained: the additive heads alone, p_I = 1. */
export function createPlainDetector(feature_names: readonly string[]): Detector {
  return {
    model_version_id: null,
    feature_names,
    detect: async (rows) => rows.map((row) => judge(cleanRow(row), null)),
  };
}
