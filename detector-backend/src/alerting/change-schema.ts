import { Type, type Static } from 'typebox';
import { Uuid } from './policy-schema.ts';

export const CHANGE_KINDS = ['deploy', 'config', 'maintenance', 'other'] as const;

/** `service_id` left out: the change concerns every service. `occurred_at` (ISO 8601) left out: now. */
export const NewChange = Type.Object(
  {
    service_id: Type.Optional(Type.Union([Uuid, Type.Null()])),
    kind: Type.Enum(CHANGE_KINDS),
    title: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
    occurred_at: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Integer({ minimum: 0 })]),
    ),
  },
  { additionalProperties: false },
);
export type NewChange = Static<typeof NewChange>;

export const ChangeView = Type.Object({
  id: Uuid,
  service_id: Type.Union([Uuid, Type.Null()]),
  kind: Type.Enum(CHANGE_KINDS),
  title: Type.String(),
  occurred_at: Type.String({ format: 'date-time' }),
  actor: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
});
export type ChangeView = Static<typeof ChangeView>;
