import { Type, type Static } from 'typebox';

/** What became of one record that was not stored. */
export const RejectedRecord = Type.Object({
  index: Type.Integer({ description: 'Place in the batch, 0-based, blank lines not counted' }),
  code: Type.String(),
  field: Type.Optional(Type.String()),
  message: Type.String(),
});
export type RejectedRecord = Static<typeof RejectedRecord>;

export const IngestResult = Type.Object({
  accepted: Type.Integer(),
  rejected: Type.Integer(),
  duplicates: Type.Integer({ description: 'Records that were stored before' }),
  batch_id: Type.String({ format: 'uuid' }),
  errors: Type.Array(RejectedRecord, { description: 'The first 100' }),
  took_ms: Type.Number(),
});
/** accepted + duplicates + rejected = records of the batch. */
export type IngestResult = Static<typeof IngestResult>;

export const MAX_ERRORS = 100;
