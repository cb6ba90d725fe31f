import type { Explanation } from '../../api/types.ts';
import { featureWords } from '../../vocabulary.ts';

/** One step of the way from the base to the score. */
export interface WaterfallStep {
  feature: string;
  name: string;
  about: string;
  start: number;
  end: number;
  shap_value: number;
  /** Null where several features are summed up. */
  actual: number | null;
  expected: number | null;
}

export interface Waterfall {
  base: number;
  score: number;
  /** Each begins where the one before ends; the first begins at `base`, the last ends at `score`. */
  steps: WaterfallStep[];
  /** Ends of the axis; 0–100 unless a partial sum lies outside. */
  axis: [number, number];
}

/** Contributions below this many points are summed up in one step. */
const SMALL = 0.5;
const MAX_STEPS = 8;

/** Steps from base to score, strongest contribution first, small ones joined at the end. */
export function waterfallOf({ base, score, shap_values }: Explanation): Waterfall {
  const sorted = [...shap_values].sort((a, b) => Math.abs(b.shap_value) - Math.abs(a.shap_value));
  const isShown = (value: number, index: number) => index < MAX_STEPS && Math.abs(value) >= SMALL;
  const shown = sorted.filter(({ shap_value }, index) => isShown(shap_value, index));
  const rest = sorted.slice(shown.length).filter(({ shap_value }) => shap_value !== 0);

  let at = base;
  const step = (fields: Omit<WaterfallStep, 'start' | 'end'>): WaterfallStep => {
    const start = at;
    at += fields.shap_value;
    return { ...fields, start, end: at };
  };
  const steps = shown.map(({ feature, shap_value, actual, expected }) =>
    step({ feature, ...featureWords(feature), shap_value, actual, expected }),
  );
  if (rest.length > 0) {
    const names = rest.map(({ feature }) => featureWords(feature).name);
    steps.push(
      step({
        feature: 'rest',
        name: rest.length === 1 ? (names[0] ?? '') : `${rest.length} small contributions`,
        about: names.join(', '),
        shap_value: rest.reduce((sum, { shap_value }) => sum + shap_value, 0),
        actual: null,
        expected: null,
      }),
    );
  }
  const sums = steps.flatMap(({ start, end }) => [start, end]);
  return { base, score, steps, axis: [Math.min(0, ...sums), Math.max(100, ...sums)] };
}
