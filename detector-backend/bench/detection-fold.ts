import { anomalyType } from '../src/explanations/anomaly-type.ts';
import { evidenceStart } from '../src/explanations/evidence.ts';
import { createPlainDetector, type Detector } from '../src/models/detector.ts';
import { trainForest } from '../src/models/forest.ts';
import type { InferenceThread } from '../src/models/inference-thread.ts';
import { modelDue } from '../src/models/model.ts';
import { createOnnxDetector } from '../src/models/onnx-detector.ts';
import { encodeModel } from '../src/models/onnx-model.ts';
import { namedValues, shapleyValues } from '../src/models/shapley.ts';
import { createCalibration, learnCalibration, type Calibration } from '../src/scoring/calibration.ts';
import { CLOSE_SCORE, OPEN_SCORE, RESOLVE_AFTER_MS, type Score } from '../src/scoring/score-schema.ts';
import { INCIDENT_WEIGHT, minuteWeight, scoreStep } from '../src/scoring/score-step.ts';
import type { TemplateHit } from '../src/templates/template-schema.ts';
import { createBaseline, learnMinute, type Baseline } from '../src/windows/baseline.ts';
import { DORMANT_AFTER_MS, isMinuteEdge } from '../src/windows/edge.ts';
import { featureVector } from '../src/windows/feature-vector.ts';
import { addHits, windowCounts, type TileMap } from '../src/windows/tile-map.ts';
import { TILE_MS, WINDOW_MS } from '../src/windows/tile.ts';
import { FEATURE_NAMES, type FeatureVector, type WindowInput } from '../src/windows/window-schema.ts';

export interface FoundAnomaly {
  service: string;
  started_at: number;
  opened_at: number;
  last_seen_at: number;
  score: number;
}

interface Service {
  baseline: Baseline;
  calibration: Calibration;
  minute: Pick<Score, 'margins' | 'learn_weight'>[];
  last_line_at: number;
  open: FoundAnomaly | null;
}

const TRAINING_ROWS = 4096;

/** The detection of the product over hits in memory: the same pure cores, without tables. Feed hits in the order of time. */
export class DetectionFold {
  readonly anomalies: FoundAnomaly[] = [];
  windows = 0;
  private readonly thread: InferenceThread;
  private readonly services = new Map<string, Service>();
  private readonly tiles: TileMap = new Map();
  private readonly rows: Float32Array[] = [];
  private pending: TemplateHit[] = [];
  private detector: Detector = createPlainDetector(FEATURE_NAMES);
  private trained: { window_count: number; trained_until: number } | null = null;
  private learned = 0;
  private edge = 0;

  constructor(thread: InferenceThread) {
    this.thread = thread;
  }

  /** Judges every edge up to `until` (epoch ms). */
  async advance(hits: readonly TemplateHit[], until: number): Promise<void> {
    const waiting = [...this.pending, ...hits];
    this.edge ||= Math.floor((waiting[0]?.timestamp ?? until) / TILE_MS) * TILE_MS;
    let taken = 0;
    while (this.edge + TILE_MS <= until) {
      this.edge += TILE_MS;
      const from = taken;
      while (taken < waiting.length && waiting[taken]!.timestamp < this.edge) taken++;
      this.count(waiting.slice(from, taken));
      await this.judgeEdge();
    }
    this.pending = waiting.slice(taken);
  }

  private count(hits: TemplateHit[]): void {
    addHits(this.tiles, hits);
    for (const { service_id, timestamp } of hits) {
      const service = this.services.get(service_id);
      if (service) service.last_line_at = timestamp;
      else
        this.services.set(service_id, {
          baseline: createBaseline(),
          calibration: createCalibration(),
          minute: [],
          last_line_at: timestamp,
          open: null,
        });
    }
  }

  private async judgeEdge(): Promise<void> {
    const { edge } = this;
    const window_start = edge - WINDOW_MS;
    const awake = [...this.services].filter(([, service]) => edge - service.last_line_at <= DORMANT_AFTER_MS);
    const inputs = awake.map(([service_id]): WindowInput => {
      const tiles = this.tiles.get(service_id);
      for (const start of tiles?.keys() ?? []) if (start < window_start) tiles?.delete(start);
      return {
        service_id,
        window_start,
        window_end: edge,
        counts: windowCounts(tiles, window_start, edge),
        is_blind: false,
      };
    });
    const vectors = inputs.map((input, index) => featureVector(input, awake[index]![1].baseline));
    const calibrations = new Map(awake.map(([id, { calibration }]) => [id, calibration]));
    const scores = await scoreStep({ detector: () => this.detector })({ vectors, calibrations, model: null });
    for (const [index, [, service]] of awake.entries()) {
      await this.follow(service, vectors[index]!, scores[index]!);
      if (isMinuteEdge(edge)) this.learn(service, inputs[index]!, vectors[index]!);
    }
    this.windows += vectors.length;
    if (isMinuteEdge(edge)) this.train();
  }

  private async follow(service: Service, vector: FeatureVector, score: Score): Promise<void> {
    const { open } = service;
    const weight = open ? INCIDENT_WEIGHT : score.learn_weight;
    service.minute.push({ margins: score.margins, learn_weight: weight });
    if (open && score.score >= CLOSE_SCORE) {
      open.last_seen_at = vector.window_end;
      open.score = Math.max(open.score, score.score);
    } else if (open && vector.window_end - open.last_seen_at >= RESOLVE_AFTER_MS) service.open = null;
    if (open || score.score < OPEN_SCORE) return;
    service.open = {
      service: vector.service_id,
      started_at: await this.startOf(service, vector),
      opened_at: vector.window_end,
      last_seen_at: vector.window_end,
      score: score.score,
    };
    this.anomalies.push(service.open);
  }

  private async startOf({ baseline, calibration }: Service, vector: FeatureVector): Promise<number> {
    const comparison = {
      ...vector,
      reference_features: baseline.usual_features,
      reference_hashed_counts: baseline.usual_hashed_counts,
      calibration: calibration.row,
    };
    const shap_values = namedValues(await shapleyValues(this.detector, comparison), comparison);
    return evidenceStart(vector, anomalyType(shap_values, vector));
  }

  private learn(service: Service, input: WindowInput, vector: FeatureVector): void {
    const weight = minuteWeight(service.minute);
    learnCalibration(service.calibration, service.minute, weight);
    learnMinute(service.baseline, input, vector, weight);
    service.minute = [];
    this.learned += 1;
    this.rows.push(Float32Array.from([...vector.features, ...vector.hashed_counts]));
    if (this.rows.length > TRAINING_ROWS) this.rows.shift();
  }

  private train(): void {
    if (!modelDue(this.trained, this.learned, this.edge)) return;
    this.trained = { window_count: this.learned, trained_until: this.edge };
    this.detector = createOnnxDetector(this.thread, {
      model_version_id: String(this.edge),
      version: this.learned,
      sha256: String(this.edge),
      content: encodeModel(trainForest(this.rows)),
      feature_names: FEATURE_NAMES,
    });
  }
}
