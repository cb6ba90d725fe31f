import { describe, expect, it } from 'vitest';
import { createBaseline } from '../windows/baseline.ts';
import {
  FEATURE_NAMES,
  type FeatureName,
  type FeatureVector,
  type TemplateEvidence,
} from '../windows/window-schema.ts';
import { anomalyType } from './anomaly-type.ts';
import { contributingTemplates, evidenceStart } from './evidence.ts';
import type { AnomalyType, ShapValue } from './explanation-schema.ts';
import { summarise } from './summary.ts';

const seen = (
  feature: FeatureName,
  template_id: number,
  weight: number,
  more: Partial<TemplateEvidence> = {},
): TemplateEvidence => ({
  feature,
  template_id,
  weight,
  count: 5,
  expected: 0,
  first_at: 1000 * template_id,
  ...more,
});

const vectorOf = (evidence: TemplateEvidence[], more: Partial<FeatureVector> = {}): FeatureVector => ({
  service_id: 'checkout',
  window_start: 500,
  window_end: 60_500,
  is_blind: false,
  lines: 150,
  errors: 0,
  features: new Array<number>(12).fill(0),
  hashed_counts: [],
  expected_lines: 150,
  evidence,
  ...more,
});

const shapOf = (values: Partial<Record<ShapValue['feature'], number>>): ShapValue[] =>
  [...FEATURE_NAMES, 'template_counts' as const].map((feature) => ({
    feature,
    shap_value: values[feature] ?? 0,
    actual: 0,
    expected: 0,
  }));

describe('anomalyType', () => {
  const unknownErrors = vectorOf([seen('new_templates', 9, 5), seen('error_surprisal', 9, 8)], { errors: 5 });
  const knownErrors = vectorOf([seen('error_surprisal', 3, 8)], { errors: 5 });
  it.each<[AnomalyType, ShapValue[], FeatureVector]>([
    ['error_surge', shapOf({ error_surprisal: 60, volume_high: 20 }), knownErrors],
    ['new_template', shapOf({ error_surprisal: 60, volume_high: 20 }), unknownErrors],
    [
      'new_template',
      shapOf({ rarity_sum: 15, new_templates: 20, volume_high: 30 }),
      vectorOf([seen('new_templates', 9, 5)]),
    ],
    [
      'rare_template',
      shapOf({ rarity_sum: 20, rarity_max: 20, volume_high: 30 }),
      vectorOf([seen('rarity_max', 9, 5)]),
    ],
    ['traffic_spike', shapOf({ volume_high: 70, burstiness: 10 }), vectorOf([])],
    ['silence', shapOf({ volume_low: 40, expected_absent: 40 }), vectorOf([], { lines: 0 })],
    ['mix_change', shapOf({ mix_divergence: 30, expected_absent: 20, volume_low: 40 }), vectorOf([])],
    ['latency_shift', shapOf({ latency_shift: 80 }), vectorOf([])],
    ['unusual_pattern', shapOf({ template_counts: 30 }), vectorOf([])],
  ])('%s', (type, shap_values, vector) => {
    expect(anomalyType(shap_values, vector)).toBe(type);
  });
});

describe('evidenceStart', () => {
  it('is the first line of the strong templates, to the millisecond', () => {
    const evidence = [
      seen('error_surprisal', 7, 10),
      seen('new_templates', 4, 6),
      seen('mix_divergence', 1, 2),
    ];
    expect(evidenceStart(vectorOf(evidence), 'error_surge')).toBe(4000);
  });

  it('is the start of the window for silence, for volume, and without evidence', () => {
    expect(evidenceStart(vectorOf([seen('error_surprisal', 7, 10)]), 'silence')).toBe(500);
    expect(evidenceStart(vectorOf([seen('error_surprisal', 7, 10)]), 'traffic_spike')).toBe(500);
    expect(evidenceStart(vectorOf([seen('expected_absent', 7, 10, { first_at: null })]), 'mix_change')).toBe(
      500,
    );
  });
});

describe('contributingTemplates', () => {
  it('shares out what the features added, one entry a template, strongest first', () => {
    const vector = vectorOf([
      seen('error_surprisal', 7, 10),
      seen('new_templates', 7, 5),
      seen('rarity_max', 4, 1),
    ]);
    const texts = new Map([[7, { pattern: 'payment <*> refused', severity: 'error' }]]);
    const templates = contributingTemplates(
      vector,
      shapOf({ error_surprisal: 60, new_templates: 20, rarity_max: 10, volume_low: -5, volume_high: 10 }),
      texts,
    );
    expect(templates).toMatchObject([
      {
        template_id: 7,
        pattern: 'payment <*> refused',
        contribution: 0.8,
        feature: 'error_surprisal',
        first_at: 7000,
      },
      { template_id: 4, pattern: '(template no longer stored)', contribution: 0.1 },
    ]);
  });
});

describe('summarise', () => {
  const baseline = createBaseline();
  const [template] = contributingTemplates(
    vectorOf([seen('error_surprisal', 7, 10)]),
    shapOf({ error_surprisal: 60 }),
    new Map([[7, { pattern: 'refused <*>', severity: 'error' }]]),
  );
  const sentence = (anomaly_type: AnomalyType, more: Partial<FeatureVector> = {}) =>
    summarise({
      anomaly_type,
      service: 'checkout',
      vector: vectorOf([], more),
      baseline,
      templates: template ? [template] : [],
    });

  it('says in one sentence what happened and what was expected', () => {
    expect(sentence('error_surge', { errors: 214 })).toBe(
      'checkout wrote 214 error lines in a minute, 0 expected; most of it “refused <*>”.',
    );
    expect(sentence('silence', { lines: 0 })).toBe(
      'checkout fell silent: no line in a minute, 150 expected.',
    );
    expect(sentence('silence', { lines: 1 })).toBe('checkout wrote only 1 line in a minute, 150 expected.');
    expect(sentence('new_template')).toBe(
      'checkout wrote a message never seen before, “refused <*>” (5 in a minute).',
    );
    expect(sentence('traffic_spike', { lines: 4000, expected_lines: 1234.4 })).toBe(
      'checkout wrote 4000 lines in a minute, 1,234 expected.',
    );
  });
});
