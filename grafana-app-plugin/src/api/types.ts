/**
 * Shapes of the HTTP API, out of its OpenAPI description: `npm run api-types -w grafana-app-plugin` writes `generated.ts`.
 * Times are ISO 8601 strings in UTC; field names are those of the database and the backend.
 */
import type { paths } from './generated.ts';

type Paths = { [Path in keyof paths as Path extends `/api/v1${infer Rest}` ? Rest : never]: paths[Path] };
type Json<Content> = Content extends { content: { 'application/json': infer Data } } ? Data : never;
type Responses<Operation> = Operation extends { responses: infer Found } ? Found : never;
type Success<Found> = Json<Found[(200 | 201) & keyof Found]>;
type Get<Path extends keyof Paths> = Success<Responses<Paths[Path]['get']>>;
type Posted<Path extends keyof Paths> = Json<
  NonNullable<Paths[Path]['post']>['requestBody' & keyof NonNullable<Paths[Path]['post']>]
>;
type Item<List> = List extends { items: (infer Element)[] } ? Element : never;
/** Fields that the description calls strings and of which the page knows the values. */
type Narrow<
  Wide,
  Fields extends { [Name in keyof Fields]: Name extends keyof Wide ? unknown : never },
> = Omit<Wide, keyof Fields> & Fields;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Service = Item<Get<'/services'>>;

/** The list has no `features` unless it is asked for them. */
export type FeatureWindow = Omit<Item<Get<'/windows'>>, 'features'>;
export type SwimLanes = Get<'/windows/swim-lane'>;
export type SwimLane = SwimLanes['lanes'][number];

type ListedAnomaly = Item<Get<'/anomalies'>>;
type WholeAnomaly = Get<'/anomalies/{id}'>;
export type AnomalySeverity = ListedAnomaly['severity'];
export type AnomalyStatus = ListedAnomaly['status'];
export type AnomalyType = ListedAnomaly['anomaly_type'];
export type Anomaly = Narrow<ListedAnomaly, { kinds: AnomalyType[] }>;
export type AnomalyEvent = Narrow<WholeAnomaly['events'][number], { severity: AnomalySeverity }>;
export type AnomalyAlert = Narrow<
  WholeAnomaly['alerts'][number],
  { status: 'pending' | 'sent' | 'failed' | 'suppressed' }
>;
export type AnomalyDetail = Narrow<
  WholeAnomaly,
  { kinds: AnomalyType[]; explanation: Explanation; events: AnomalyEvent[]; alerts: AnomalyAlert[] }
>;

export type LogSeverity = 'unknown' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type ShapValue = Explanation['shap_values'][number];
export type ContributingTemplate = Narrow<
  WholeAnomaly['explanation']['templates'][number],
  { severity: LogSeverity }
>;
export type SampleLine = Narrow<
  WholeAnomaly['explanation']['sample_lines'][number],
  { severity: LogSeverity }
>;
export type Explanation = Narrow<
  WholeAnomaly['explanation'],
  { templates: ContributingTemplate[]; sample_lines: SampleLine[]; lines_before: SampleLine[] }
>;
export type UnreadSource = WholeAnomaly['explanation']['unread_sources'][number];
export type AnomalyLines = Narrow<
  Get<'/anomalies/{id}/lines'>,
  { before: SampleLine[]; after: SampleLine[] }
>;

export type Feedback = Item<Get<'/feedback'>>;
export type NewFeedback = Posted<'/feedback'>;

export type Change = Item<Get<'/changes'>>;
export type Session = Get<'/session'>;

export type Status = Get<'/status'>;
export type SourceHealth = Status['sources'][number];
export type SourceStatus = SourceHealth['status'];
