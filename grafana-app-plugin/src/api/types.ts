/** Shapes of the HTTP API. Times are ISO 8601 strings in UTC; field names are those of the database and the backend. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type LogSeverity = 'unknown' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type AnomalySeverity = 'low' | 'medium' | 'high';
export type AnomalyStatus = 'open' | 'resolved' | 'withdrawn';
export type AnomalyType =
  | 'error_surge'
  | 'new_template'
  | 'rare_template'
  | 'traffic_spike'
  | 'silence'
  | 'latency_shift'
  | 'mix_change'
  | 'unusual_pattern';
export type ServiceState = 'cold' | 'warming' | 'ready';
export type SourceStatus = 'ok' | 'behind' | 'blind' | 'error' | 'disabled' | 'waiting';

export interface Service {
  id: string;
  name: string;
  slug: string;
  environment: string;
  state: ServiceState;
  window_count: number;
  ready_at_window_count: number;
  last_line_at: string | null;
  judged_until: string | null;
  latest_score: number | null;
  open_anomaly_id: string | null;
  is_blind: boolean;
  lines_per_minute: number;
  simulated: boolean;
}

export interface FeatureWindow {
  id: string;
  service_id: string;
  window_start: string;
  window_end: string;
  window_seconds: number;
  lines: number;
  errors: number;
  expected_lines: number | null;
  score: number | null;
  revision: number;
  /** False for a window between two full minutes, stored because it mattered. */
  is_minute: boolean;
  is_blind: boolean;
}

export interface SwimLane {
  service_id: string;
  service: string;
  environment: string;
  /** Peak score of each bucket; null where no window was judged. */
  cells: (number | null)[];
  blind: boolean[];
  lines: number[];
}

export interface SwimLanes {
  from: string;
  to: string;
  bucket_seconds: number;
  lanes: SwimLane[];
}

export interface Change {
  id: string;
  service_id: string | null;
  kind: 'deploy' | 'config' | 'maintenance' | 'other';
  title: string;
  occurred_at: string;
  actor: string;
}

export interface ShapValue {
  feature: string;
  shap_value: number;
  actual: number;
  expected: number;
}

export interface ContributingTemplate {
  template_id: number;
  pattern: string;
  severity: LogSeverity;
  count: number;
  expected: number;
  /** Share of the explained score, 0–1. */
  contribution: number;
  feature: string;
  first_at: string | null;
}

export interface SampleLine {
  timestamp: string;
  severity: LogSeverity;
  source: string;
  message: string;
}

export interface Explanation {
  anomaly_type: AnomalyType;
  summary: string;
  score: number;
  base: number;
  /** Σ shap_value + base = score. */
  shap_values: ShapValue[];
  lines: { actual: number; expected: number };
  templates: ContributingTemplate[];
  sample_lines: SampleLine[];
  started_at: string;
}

export interface Anomaly {
  id: string;
  service_id: string;
  service: string;
  environment: string;
  status: AnomalyStatus;
  anomaly_type: AnomalyType;
  kinds: AnomalyType[];
  severity: AnomalySeverity;
  score: number;
  summary: string;
  started_at: string;
  opened_at: string;
  last_seen_at: string;
  resolved_at: string | null;
  detected_at: string;
  feedback: { true_positive: number; false_positive: number };
  simulated: boolean;
}

export interface AnomalyEvent {
  event: 'opened' | 'escalated' | 'resolved' | 'withdrawn';
  severity: AnomalySeverity;
  score: number;
  occurred_at: string;
}

export interface AnomalyAlert {
  id: string;
  policy: string;
  integration: string;
  event: AnomalyEvent['event'];
  status: 'pending' | 'sent' | 'failed' | 'suppressed';
  /** Why it was suppressed or failed. */
  status_reason: string | null;
  sent_at: string | null;
}

export interface AnomalyDetail extends Anomaly {
  explanation: Explanation;
  /** The window that the explanation is about; null once retention removed it. */
  window: { id: string; window_start: string; window_seconds: number } | null;
  model_version: { id: string; name: string; version: number } | null;
  events: AnomalyEvent[];
  alerts: AnomalyAlert[];
}

export interface Feedback {
  id: string;
  anomaly_id: string;
  is_true_positive: boolean;
  comment: string | null;
  actor: string;
  created_at: string;
}

export interface NewFeedback {
  anomaly_id: string;
  is_true_positive: boolean;
  comment?: string;
}

export interface Session {
  tenant: { slug: string; name: string };
  actor: string;
  permissions: string[];
  mode: 'embedded' | 'full';
  simulated: boolean;
}

export interface SourceHealth {
  name: string;
  source_type: string;
  status: SourceStatus;
  lag_seconds: number | null;
  cursor_at: string | null;
  last_error: string | null;
}

export interface Status {
  now: string;
  sources: SourceHealth[];
  services: { total: number; ready: number; warming: number; cold: number; blind: number };
  open_anomalies: number;
  queue: { backend: string; waiting: number; failed: number };
  models: { active_version: number | null; trained_until: string | null };
  lines_per_second: number;
}
