import { Type, type Static } from 'typebox';
import { Uuid } from './policy-schema.ts';

export const INTEGRATION_TYPES = ['webhook', 'slack', 'email'] as const;

const Config = Type.Object(
  { url: Type.String({ minLength: 1, maxLength: 2000 }) },
  { additionalProperties: false },
);
export type IntegrationConfig = Static<typeof Config>;
const Secret = Type.String({ minLength: 16, maxLength: 256 });
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });

/** `secret` signs the requests of a webhook. A Slack integration has none: its URL is the secret. */
export const NewIntegration = Type.Object(
  {
    type: Type.Enum(INTEGRATION_TYPES),
    name: Name,
    config: Config,
    secret: Type.Optional(Secret),
    is_enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type NewIntegration = Static<typeof NewIntegration>;

/**
 * Replaces an integration; the type can not change. `secret` left out keeps the stored one, null removes it.
 * `updated_at` is the one that was read: an integration that changed since is not overwritten.
 */
export const IntegrationUpdate = Type.Object(
  {
    name: Name,
    config: Config,
    secret: Type.Optional(Type.Union([Secret, Type.Null()])),
    is_enabled: Type.Optional(Type.Boolean()),
    updated_at: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type IntegrationUpdate = Static<typeof IntegrationUpdate>;

/** What is shown. The path of a Slack URL and every secret stay inside. */
export const IntegrationView = Type.Object({
  id: Uuid,
  type: Type.Enum(INTEGRATION_TYPES),
  name: Type.String(),
  config: Config,
  has_secret: Type.Boolean(),
  is_enabled: Type.Boolean(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});
export type IntegrationView = Static<typeof IntegrationView>;

export const TestOutcome = Type.Object({
  outcome: Type.Enum(['ok', 'retry', 'terminal']),
  status_code: Type.Union([Type.Integer(), Type.Null()]),
  detail: Type.String(),
});
export type TestOutcome = Static<typeof TestOutcome>;
