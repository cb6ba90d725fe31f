import { Type } from 'typebox';

/** Learned minutes from which a service's baseline is trusted. */
export const READY_WINDOW_COUNT = 200;

const IsoOrNull = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const Service = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  slug: Type.String(),
  environment: Type.String(),
  state: Type.Enum(['cold', 'warming', 'ready'], { description: 'cold: nothing learned yet' }),
  window_count: Type.Integer(),
  ready_at_window_count: Type.Integer(),
  last_line_at: IsoOrNull,
  judged_until: IsoOrNull,
  latest_score: Type.Union([Type.Number(), Type.Null()]),
  open_anomaly_id: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  is_blind: Type.Boolean(),
  lines_per_minute: Type.Number(),
  simulated: Type.Boolean(),
});
