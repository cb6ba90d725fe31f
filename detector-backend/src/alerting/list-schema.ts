import { Type, type TSchema } from 'typebox';
import { Uuid } from './policy-schema.ts';

/** Items of a page when the caller does not say. */
export const PAGE_SIZE = 50;

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: PAGE_SIZE })),
  cursor: Type.Optional(Type.String({ maxLength: 1000 })),
};

export const IdParams = Type.Object({ id: Uuid });

export const listOf = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) });
