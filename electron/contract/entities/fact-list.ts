import { z } from 'zod';
import { factFlag, factState, tier } from './fact.ts';

/** Which facts are meant; every given field must fit. */
export const factFilter = z.object({
  /** Those alone; none where the list is empty. */
  ids: z.array(z.string().max(200)).max(100_000).optional(),
  /** Beginnings of words in any field; case, accents and quotation marks do not count. */
  search: z.string().max(2000).optional(),
  /** Any of them, as with categories and states. */
  tier: z.array(tier).optional(),
  category: z.array(z.string()).optional(),
  state: z.array(factState).optional(),
  /** Any of them. */
  flag: z.array(factFlag).optional(),
  subject: z.string().optional(),
  /** The attribute or any other name of its kind. */
  attribute: z.string().optional(),
  current: z.boolean().optional(),
  neverTrain: z.boolean().optional(),
});
export type FactFilter = z.infer<typeof factFilter>;

export const factSortKey = z.enum([
  'added',
  'statement',
  'subject',
  'attribute',
  'value',
  'category',
  'tier',
  'state',
  'valid-from',
  'valid-to',
]);
export type FactSortKey = z.infer<typeof factSortKey>;

/** A page of a filtered and sorted list; with no field given, the whole list as it was told. */
export const factListRequest = factFilter.extend({
  /** Defaults to `added`. */
  sort: factSortKey.optional(),
  /** Defaults to `ascending`. */
  order: z.enum(['ascending', 'descending']).optional(),
  /** Defaults to all. */
  limit: z.number().int().min(1).max(100_000).optional(),
  /** The `nextCursor` of the page before; it stays true while facts are added. */
  cursor: z.string().max(10_000).optional(),
});
export type FactListRequest = z.infer<typeof factListRequest>;

/** What a change of many facts sets. */
export const factMarks = z.object({
  category: z.string().optional(),
  neverTrain: z.boolean().optional(),
  /** Ends them. */
  validTo: z.string().optional(),
});
export type FactMarks = z.infer<typeof factMarks>;

/** One change of facts, newest first in a list; an undone one can be done again until the next change. */
export const factChange = z.object({
  id: z.number().int(),
  kind: z.enum(['add', 'import', 'edit', 'set', 'settle']),
  /** Name of an imported file. */
  detail: z.string().nullable(),
  undone: z.boolean(),
  createdAt: z.number().int(),
  /** Versions that it touched. */
  facts: z.number().int(),
});
export type FactChange = z.infer<typeof factChange>;
