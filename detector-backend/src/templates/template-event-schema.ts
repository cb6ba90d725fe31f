import { Type, type Static } from 'typebox';
import { isoTime } from '../platform/http/time-range.ts';
import type { TemplateEventRow } from './template-event-repository.ts';
import { LogTemplateSchema } from './template-schema.ts';

const id = () => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const orNull = <Schema extends ReturnType<typeof id> | ReturnType<typeof Type.String>>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

/** One decision of a person. */
export const TemplateEventSchema = Type.Object({
  id: id(),
  service_id: Type.String({ format: 'uuid' }),
  kind: Type.Union([
    Type.Literal('merge'),
    Type.Literal('rename'),
    Type.Literal('pin'),
    Type.Literal('unpin'),
    Type.Literal('ignore'),
    Type.Literal('unignore'),
    Type.Literal('split'),
    Type.Literal('undo'),
  ]),
  template_id: Type.Integer({ description: 'Service-wide id of the template, as mined.' }),
  into_id: Type.Union([id(), Type.Null()], {
    description: 'Of a merge: the target. Of a split: service-wide id of what is split off.',
  }),
  name: orNull(Type.String()),
  token_index: Type.Union([id(), Type.Null()], { description: 'Of a split: which word of a line, from 0.' }),
  token: Type.Union([Type.String(), Type.Null()], {
    description: 'Of a split: the word of the lines that are split off.',
  }),
  undoes_id: orNull(id()),
  is_undone: Type.Boolean(),
  actor: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
});

export const TemplateEventListSchema = Type.Object({
  items: Type.Array(TemplateEventSchema),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
});

/** What an edit did, and the template as it is now. */
export const TemplateEditedSchema = Type.Object({ event: TemplateEventSchema, template: LogTemplateSchema });

export const MergeBodySchema = Type.Object({
  into: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Id of another template of the service: lines of both count as one from now on.',
  }),
});
export const RenameBodySchema = Type.Object({
  name: Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()], {
    description: 'Null takes the name away.',
  }),
});
export const SplitBodySchema = Type.Union([
  Type.Object({
    position: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        description: 'Which placeholder of the pattern, from 0, as in `parameters`.',
      }),
    ),
    value: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'Lines that have this value there, as it is written, are a template of their own from now on.',
      }),
    ),
  }),
  Type.Null(),
]);
export type SplitBody = Static<typeof SplitBodySchema>;
export const PinBodySchema = Type.Object({ is_pinned: Type.Boolean({ default: true }) });
export const IgnoreBodySchema = Type.Object({ is_ignored: Type.Boolean({ default: true }) });

export const TemplateEventQuerySchema = Type.Object({
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  template_id: Type.Optional(id()),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});

export type TemplateEventQuery = Static<typeof TemplateEventQuerySchema>;

export const eventView = (row: TemplateEventRow, is_undone: boolean) => ({
  ...row,
  is_undone,
  created_at: isoTime(row.created_at),
});
