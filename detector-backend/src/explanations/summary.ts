import type { Baseline } from '../windows/baseline.ts';
import type { FeatureVector } from '../windows/window-schema.ts';
import type { AnomalyType, ContributingTemplate } from './explanation-schema.ts';

export interface SummaryInput {
  anomaly_type: AnomalyType;
  service: string;
  vector: FeatureVector;
  baseline: Baseline;
  templates: readonly ContributingTemplate[];
}

const MAX_PATTERN = 120;
/** Time stamp, process id and level in front of a message: they say nothing that the sentence does not. */
const HEAD =
  /^(?:[\s\-|:,[\]()]|<TS>|<NUM>|(?:trace|debug|info|notice|inf|wrn|warn(?:ing)?|err(?:or)?|critical|fatal)\b)+/i;

function quoted(pattern: string): string {
  const message = pattern.replace(HEAD, '') || pattern;
  return `“${message.length > MAX_PATTERN ? `${message.slice(0, MAX_PATTERN - 1)}…` : message}”`;
}
const lineCount = (count: number, kind = ''): string => `${count} ${kind}line${count === 1 ? '' : 's'}`;
const rounded = (value: number): string =>
  (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString('en');

/** One sentence for people: what the service did in the minute, and what was expected. */
export function summarise(input: SummaryInput): string {
  const { service, vector, baseline, templates } = input;
  const first = templates.find((template) => template.first_at !== null);
  const expected = `${rounded(vector.expected_lines)} expected`;
  switch (input.anomaly_type) {
    case 'error_surge':
      return `${service} wrote ${lineCount(vector.errors, 'error ')} in a minute, ${rounded(baseline.error.mean ** 2)} expected${first ? `; most of it ${quoted(first.pattern)}` : ''}.`;
    case 'new_template': {
      const news = newTemplates(vector);
      if (!first) return `${service} wrote messages never seen before.`;
      const more = news > 1 ? ` and ${news - 1} more` : '';
      return `${service} wrote a message never seen before, ${quoted(first.pattern)} (${first.count} in a minute)${more}.`;
    }
    case 'rare_template':
      return `${service} wrote a rare message${first ? `, ${quoted(first.pattern)} (${first.count} in a minute, ${rounded(first.expected)} expected)` : ''}.`;
    case 'traffic_spike':
      return `${service} wrote ${lineCount(vector.lines)} in a minute, ${expected}.`;
    case 'silence':
      return vector.lines === 0
        ? `${service} fell silent: no line in a minute, ${expected}.`
        : `${service} wrote only ${lineCount(vector.lines)} in a minute, ${expected}.`;
    case 'latency_shift':
      return `${service} reports other durations than usual${first ? ` in ${quoted(first.pattern)}` : ''}.`;
    case 'mix_change':
      return `${service} writes another mix of messages than usual${first ? `: ${quoted(first.pattern)} ${first.count} times in a minute, ${rounded(first.expected)} expected` : ''}.`;
    case 'unusual_pattern':
      return `${service} behaves unusually: ${lineCount(vector.lines)} in a minute, ${expected}${first ? `, with ${quoted(first.pattern)}` : ''}.`;
  }
}

const newTemplates = ({ evidence }: FeatureVector): number =>
  new Set(evidence.filter(({ feature }) => feature === 'new_templates').map(({ template_id }) => template_id))
    .size;
