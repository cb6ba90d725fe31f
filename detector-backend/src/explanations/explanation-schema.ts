import { Type, type Static } from 'typebox';
import type { SampleLine } from '../logstore/log-store.ts';
import { isoTime, isoTimeOrNull } from '../platform/http/time-range.ts';
import type { UnreadSource } from '../reading/service-lines.ts';
import type { FeatureName } from '../windows/window-schema.ts';

/** What an anomaly is about. */
export const ANOMALY_TYPES = [
  'error_surge',
  'new_template',
  'rare_template',
  'traffic_spike',
  'silence',
  'latency_shift',
  'mix_change',
  'unusual_pattern',
] as const;
export type AnomalyType = (typeof ANOMALY_TYPES)[number];

/** Contribution of one feature to the score. Σ shap_value + base = score, to 1e-6. */
export interface ShapValue {
  feature: FeatureName | 'template_counts';
  shap_value: number;
  actual: number;
  expected: number;
}

export interface ContributingTemplate {
  template_id: number;
  pattern: string;
  severity: string;
  count: number;
  expected: number;
  /** Share of the explained score, 0–1. */
  contribution: number;
  feature: FeatureName;
  first_at: number | null;
}

/** Why a window got its score. */
export interface Explanation {
  anomaly_type: AnomalyType;
  /** One sentence for people, e.g. "checkout wrote 214 error lines in a minute, 3 expected". */
  summary: string;
  score: number;
  base: number;
  shap_values: ShapValue[];
  lines: { actual: number; expected: number };
  templates: ContributingTemplate[];
  /** Lines of the window, masked; empty in a silence. */
  sample_lines: SampleLine[];
  /** The last lines before the evidence begins. */
  lines_before: SampleLine[];
  /** Sources whose lines are missing among these; what is counted in the window is not affected. */
  unread_sources: UnreadSource[];
  /** Epoch ms of the first line of the evidence; the window start where there is none (silence). */
  started_at: number;
}

const Iso = Type.String({ format: 'date-time' });
const Text = Type.String();
const Numeric = Type.Number();

/** A line as the API gives it. */
export const ShownLine = Type.Object({ timestamp: Iso, severity: Text, source: Text, message: Text });
export const UnreadSources = Type.Array(
  Type.Object({ log_source_id: Type.Union([Text, Type.Null()]), log_source: Text, reason: Text }),
);

/** An explanation as the API gives it: times in ISO 8601. */
export const ShownExplanation = Type.Object({
  anomaly_type: Text,
  summary: Text,
  score: Numeric,
  base: Numeric,
  shap_values: Type.Array(
    Type.Object({ feature: Text, shap_value: Numeric, actual: Numeric, expected: Numeric }),
  ),
  lines: Type.Object({ actual: Numeric, expected: Numeric }),
  templates: Type.Array(
    Type.Object({
      template_id: Type.Integer(),
      pattern: Text,
      severity: Text,
      count: Numeric,
      expected: Numeric,
      contribution: Numeric,
      feature: Text,
      first_at: Type.Union([Iso, Type.Null()]),
    }),
  ),
  sample_lines: Type.Array(ShownLine),
  lines_before: Type.Array(ShownLine),
  unread_sources: UnreadSources,
  started_at: Iso,
});
export type ShownExplanation = Static<typeof ShownExplanation>;

export const WindowExplanation = Type.Object({
  window_id: Text,
  service_id: Text,
  service: Text,
  window_start: Iso,
  window_end: Iso,
  /** Score when the window was judged; null when it was not kept. `score` is by today's model and calibration. */
  judged_score: Type.Union([Numeric, Type.Null()]),
  ...ShownExplanation.properties,
});
export type WindowExplanation = Static<typeof WindowExplanation>;

type Late = 'lines_before' | 'unread_sources';
/** As anomalies keep it: those of a database that is older than a field are without it. */
export type KeptExplanation = Omit<Explanation, Late> & Partial<Pick<Explanation, Late>>;

export const explanationView = (explanation: KeptExplanation): ShownExplanation => ({
  ...explanation,
  started_at: isoTime(explanation.started_at),
  templates: explanation.templates.map((template) => ({
    ...template,
    first_at: isoTimeOrNull(template.first_at),
  })),
  sample_lines: explanation.sample_lines.map(lineView),
  lines_before: (explanation.lines_before ?? []).map(lineView),
  unread_sources: explanation.unread_sources ?? [],
});

export const lineView = (line: SampleLine): Static<typeof ShownLine> => ({
  ...line,
  timestamp: isoTime(line.timestamp),
});
