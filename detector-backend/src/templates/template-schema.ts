import { Type, type Static } from 'typebox';
import type { TemplateStatus } from './template-edits.ts';

/** One line, as the template tree saw it. */
export interface TemplateHit {
  service_id: string;
  timestamp: number;
  /** Service-wide id of the template (`canonical_id`): what features count by. */
  template_id: number;
  severity_rank: number;
  /** First duration-like parameter in ms (`12ms`, `1.5 s`, `took 80 ms`, `duration=12`), or null. */
  duration_ms: number | null;
}

/** A row of `log_templates`, with the lines of those that the miner merged into it; times in epoch ms. */
export interface LogTemplate {
  id: number;
  service_id: string;
  log_source_id: string;
  /** Service-wide id as mined: what people decided is not in it. */
  canonical_id: number;
  pattern: string;
  status: TemplateStatus;
  /** The most frequent one of its own lines. */
  severity: string;
  /** Lines by severity rank. */
  severity_counts: number[];
  version: number;
  count: number;
  example: string;
  /** Release that the first line named, null if none. */
  first_release: string | null;
  /** Id of the template that it was split off, else null. */
  split_of: number | null;
  first_seen_at: number;
  last_seen_at: number;
}

const lines = Type.Integer({ minimum: 0 });

const StatusSchema = Type.Union(
  [Type.Literal('active'), Type.Literal('ignored'), Type.Literal('merged'), Type.Literal('evicted')],
  {
    description:
      'Lines of an ignored template are counted, but make nothing rare, new or an error; those of a merged one count as another ' +
      'one. An evicted one made room for others, as it was seen last longest ago: its next line brings it back as it was.',
  },
);

/** A template as the API shows it. */
export const LogTemplateSchema = Type.Object({
  id: Type.Integer(),
  service_id: Type.String({ format: 'uuid' }),
  log_source_id: Type.String({ format: 'uuid' }),
  canonical_id: Type.Integer({
    description:
      'Service-wide id that lines count by: the same for the same pattern from every log source, and for what was merged.',
  }),
  is_merged: Type.Boolean({ description: 'True when a person merged it into another one.' }),
  name: Type.Union([Type.String(), Type.Null()], { description: 'Given by a person.' }),
  pattern: Type.String({
    description: 'Typed placeholders such as <NUM> stand for masked values, <*> for any.',
  }),
  is_pinned: Type.Boolean({ description: 'The pattern stays as it is: no line makes it more general.' }),
  severity: Type.String({ description: 'The most frequent one of its lines; of equal ones the lowest.' }),
  severity_counts: Type.Object(
    { unknown: lines, trace: lines, debug: lines, info: lines, warn: lines, error: lines, fatal: lines },
    { description: 'Lines of each severity.' },
  ),
  version: Type.Integer({ description: 'Grows whenever the pattern becomes more general.' }),
  status: StatusSchema,
  count: Type.Integer(),
  example: Type.String({ description: 'First line of the template, at most 2 kB.' }),
  first_release: Type.Union([Type.String(), Type.Null()], {
    description: 'Release that its first line came from, if the line names one.',
  }),
  split_of: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Id of the template that a person split it off.',
  }),
  first_seen_at: Type.String({ format: 'date-time' }),
  last_seen_at: Type.String({ format: 'date-time' }),
});

export type LogTemplateView = Static<typeof LogTemplateSchema>;

const numberOrNull = Type.Union([Type.Number(), Type.Null()]);

/** One placeholder of a pattern, from the lines that were looked at. */
export const ParameterSchema = Type.Object({
  position: Type.Integer({ description: 'Which placeholder of the pattern, from 0.' }),
  kind: Type.String({ description: 'Its name in the pattern: NUM, PATH, …, * for any.' }),
  lines: Type.Integer({
    description: 'Lines that were looked at: the first 64 of the template, then every 64th.',
  }),
  values: Type.Array(Type.String(), { description: 'All values, if they are few.' }),
  is_high_cardinality: Type.Boolean(),
  numbers: Type.Union(
    [
      Type.Object({
        count: Type.Integer(),
        unit: Type.Union([Type.Literal('ms'), Type.Literal('bytes'), Type.Literal('%'), Type.Null()]),
        min: Type.Number(),
        p50: numberOrNull,
        p95: numberOrNull,
        p99: numberOrNull,
        max: Type.Number(),
      }),
      Type.Null(),
    ],
    {
      description:
        'Quantiles, within 3 %, of the values that are numbers of one unit: durations in ms, sizes in bytes.',
    },
  ),
});

/** A template that another one resembles. */
export const SimilarTemplateSchema = Type.Object({
  similarity: Type.Number({ description: 'Cosine of what the patterns say, at most 1.' }),
  template: LogTemplateSchema,
});

export const SimilarTemplateListSchema = Type.Object({
  items: Type.Array(SimilarTemplateSchema),
  next_cursor: Type.Null(),
});

export const SimilarTemplateQuerySchema = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 50, default: 10 }),
});

/** One template with what is known of its values. */
export const LogTemplateDetailSchema = Type.Object({
  ...LogTemplateSchema.properties,
  parameters: Type.Array(ParameterSchema),
  resembles: Type.Array(SimilarTemplateSchema, {
    description:
      'Of a template that is younger than a day, by the lines of its service: earlier ones that are like it.',
  }),
});

export const LogTemplateListSchema = Type.Object({
  items: Type.Array(LogTemplateSchema),
  evicted_templates: Type.Integer({
    minimum: 0,
    description:
      'Templates of the service (without service_id: of all) that made room for others. 0: no tree is or was full.',
  }),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
});

export const LogTemplateQuerySchema = Type.Object({
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  q: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Words; each must begin a word of the pattern, of the example, or of the name.',
    }),
  ),
  status: Type.Optional(StatusSchema),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});

export type LogTemplateQuery = Static<typeof LogTemplateQuerySchema>;

export const LogTemplateParamsSchema = Type.Object({
  id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
