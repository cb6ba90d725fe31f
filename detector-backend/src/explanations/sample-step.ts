import type { ReadAround } from '../reading/service-lines.ts';
import type { FeatureVector } from '../windows/window-schema.ts';
import type { Explanation } from './explanation-schema.ts';
import { chooseLines, shortened } from './sample-lines.ts';

export interface SampleInput {
  tenant_id: string;
  window: Pick<FeatureVector, 'service_id' | 'window_end' | 'lines'>;
  explanation: Explanation;
  /** Leaves a source alone that was slow lately: nothing that is judged may wait for it. */
  is_sparing: boolean;
}

export type SampleLines = Pick<Explanation, 'sample_lines' | 'lines_before' | 'unread_sources'>;

/** Lines to be shown with an explanation. No log source can make it fail: what is missing is named. */
export type SampleStep = (input: SampleInput) => Promise<SampleLines>;

/** Lines read from the start of the evidence on: as many as a busy service writes in some ten seconds. */
const LINES_READ = 300;
const LINES_BEFORE = 5;
const LOOKBACK_MS = 60_000;
/** In a silence the last lines are all that there is to see. */
const LINES_BEFORE_SILENCE = 10;
const SILENCE_LOOKBACK_MS = 600_000;

export const sampleStep =
  ({ log_reader }: { log_reader: { readAround: ReadAround } }): SampleStep =>
  async ({ tenant_id, window, explanation, is_sparing }) => {
    const { service_id, window_end } = window;
    const { started_at, templates } = explanation;
    const is_silent = window.lines === 0;
    const read = await log_reader.readAround({
      tenant_id,
      service_id,
      at: started_at,
      before: is_silent ? LINES_BEFORE_SILENCE : LINES_BEFORE,
      after: is_silent ? 0 : LINES_READ,
      from: started_at - (is_silent ? SILENCE_LOOKBACK_MS : LOOKBACK_MS),
      to: window_end,
      is_sparing,
    });
    const patterns = templates.filter(({ first_at }) => first_at !== null).map(({ pattern }) => pattern);
    return {
      sample_lines: chooseLines(read.after, patterns),
      lines_before: read.before.map(shortened),
      unread_sources: read.unread_sources,
    };
  };
