import type { MappedField, Preset, SourceType } from './api/log-source-types.ts';
import type { AnomalySeverity, AnomalyStatus, AnomalyType, SourceStatus } from './api/types.ts';

/** Words for people of what the API names. */
export const KIND_NAMES: Record<AnomalyType, string> = {
  error_surge: 'Error surge',
  new_template: 'New message',
  rare_template: 'Rare message',
  traffic_spike: 'Traffic spike',
  silence: 'Silence',
  latency_shift: 'Latency shift',
  mix_change: 'Mix change',
  unusual_pattern: 'Unusual pattern',
};

export const SEVERITY_NAMES: Record<AnomalySeverity, string> = { high: 'High', medium: 'Medium', low: 'Low' };

export const STATUS_NAMES: Record<AnomalyStatus, string> = {
  open: 'Open',
  resolved: 'Resolved',
  withdrawn: 'Withdrawn',
};

export const SOURCE_STATUS_NAMES: Record<SourceStatus, string> = {
  ok: 'OK',
  behind: 'Behind',
  blind: 'Blind',
  error: 'Error',
  disabled: 'Disabled',
};

const SOURCE_TYPE_NAMES: Record<SourceType, string> = {
  push: 'Pushed',
  simulated: 'Simulated shop',
  replay: 'Replay of a recording',
  elasticsearch: 'Elasticsearch',
  opensearch: 'OpenSearch',
};

export const sourceTypeName = (source_type: string): string =>
  (SOURCE_TYPE_NAMES as Record<string, string>)[source_type] ?? source_type;

/** What a field of a document is read as, and what it is for. */
export const MAPPED_FIELD_WORDS: Record<MappedField, { name: string; about: string }> = {
  timestamp: { name: 'Time of the event', about: 'When it happened; windows are cut by it' },
  message: { name: 'Message', about: 'The text of the line' },
  service: { name: 'Service', about: 'Each service is judged by itself' },
  severity: { name: 'Severity', about: 'A word or a number; else told from the message' },
  cursor: { name: 'Cursor', about: 'Time of arrival; documents are read in its order' },
  environment: { name: 'Environment', about: 'Of the service; else default' },
  source: { name: 'Origin', about: 'Where it was written; shown with sample lines' },
  release: { name: 'Release', about: 'Of the service; kept with each new message' },
  event_id: { name: 'Event id', about: 'Of the shipper; else made from _id' },
};

export const PRESET_NAMES: Record<Preset, string> = {
  ecs: 'Elastic Common Schema',
  seismolog: 'Seismolog',
};

interface FeatureWords {
  name: string;
  about: string;
}

const FEATURES: Record<string, FeatureWords> = {
  volume_high: { name: 'More lines than usual', about: 'How far the line count lies above the baseline' },
  volume_low: { name: 'Fewer lines than usual', about: 'How far the line count lies below the baseline' },
  error_surprisal: { name: 'Errors', about: 'How surprising the number of error lines is' },
  warn_surprisal: { name: 'Warnings', about: 'How surprising the number of warning lines is' },
  rarity_sum: { name: 'Rare messages, all', about: 'Sum of the rarity of the messages of the window' },
  rarity_max: { name: 'Rarest message', about: 'Rarity of the rarest message of the window' },
  new_templates: { name: 'New messages', about: 'Messages that this service never wrote before' },
  mix_divergence: {
    name: 'Mix of messages',
    about: 'How far the shares of messages moved from the baseline',
  },
  entropy_change: { name: 'Variety of messages', about: 'Change of the entropy of the mix of messages' },
  expected_absent: { name: 'Missing messages', about: 'Messages that are due and did not come' },
  latency_shift: { name: 'Durations', about: 'How far the durations in messages moved from the baseline' },
  burstiness: { name: 'Bursts', about: 'Lines bunched in a few seconds of the window' },
  template_counts: {
    name: 'Joint pattern of counts',
    about: 'Isolation of the window among the counts of messages',
  },
};

/** Name and meaning of a feature; one that we do not know keeps its own name. */
export const featureWords = (feature: string): FeatureWords =>
  FEATURES[feature] ?? { name: feature.replaceAll('_', ' '), about: feature };

/** What a score says: 0–100 = 12.5 · log10(1/p), p per service-minute. */
export const SCORE_MEANING =
  'A score is 12.5 · log10(1/p), where p is the chance of a minute like this on a normal day of the service: ' +
  '50 is 1 in 10⁴ minutes, 75 is 1 in 10⁶, 100 is 1 in 10⁸.';

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const superscript = (value: number) =>
  String(value).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit);

/** Tail probability of a score in words, e.g. `1 in 10⁶ minutes`. */
export function rarityOf(score: number): string {
  const exponent = score / 12.5;
  const whole = Math.floor(exponent);
  const factor = Math.round(10 ** (exponent - whole));
  if (exponent < 3) {
    return `1 in ${Math.max(1, Math.round(10 ** exponent))} minutes`;
  }
  return factor === 10
    ? `1 in 10${superscript(whole + 1)} minutes`
    : `1 in ${factor === 1 ? '' : `${factor}·`}10${superscript(whole)} minutes`;
}
