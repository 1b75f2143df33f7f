import { z } from 'zod';

/** simple: about the owner; relational: names or concerns another person; temporal: dated; multi-hop: derived. */
export const tier = z.enum(['simple', 'relational', 'temporal', 'multi-hop']);
export type Tier = z.infer<typeof tier>;

/** Visible state of a fact, computed for the active adapter and never stored. */
export const factState = z.enum(['pending', 'in-prompt', 'in-weights', 'weak', 'waiting', 'retired']);
export type FactState = z.infer<typeof factState>;

/**
 * What stands beside a state. conflict: another value was given for the same thing and nobody has settled it; waiting:
 * it should ride in the prompt and finds no room. A state is never `waiting` itself any more; a filter may still say so.
 */
export const factFlag = z.enum(['conflict', 'waiting']);
export type FactFlag = z.infer<typeof factFlag>;

/** A date at its own precision: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export const isoDate = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/, 'a date is YYYY, YYYY-MM or YYYY-MM-DD');

export const factSource = z.discriminatedUnion('type', [
  z.object({ type: z.literal('typed') }),
  z.object({ type: z.literal('imported'), file: z.string(), line: z.number().int() }),
  z.object({ type: z.literal('derived'), parents: z.tuple([z.string(), z.string()]) }),
]);

/** One version of one claim. A changed value is a new version that supersedes the old one. */
export const fact = z.object({
  id: z.string(),
  /** `me` or the subject as the user wrote it. */
  subject: z.string(),
  /** The attribute as the user wrote it. */
  attribute: z.string(),
  /** Canonical kind id of `resources/attribute-kinds.json`, or null for an attribute of the user's own. */
  kind: z.string().nullable(),
  value: z.string(),
  aliases: z.array(z.string()),
  category: z.string(),
  tier,
  validFrom: isoDate.nullable(),
  validTo: isoDate.nullable(),
  /** Rides in the prompt and is taught to no adapter; a derived fact has it from either parent. */
  neverTrain: z.boolean(),
  /** Id of the version that this one replaced. */
  supersedes: z.string().nullable(),
  /** False once superseded, ended in the past or in an undecided conflict that another value won. */
  current: z.boolean(),
  /** Values that were given for the same thing at the same time and lost ("both are kept"). */
  conflictsWith: z.array(z.string()),
  statement: z.string(),
  source: factSource,
  createdAt: z.number().int(),
});
export type Fact = z.infer<typeof fact>;

/** What a user gives. Subject defaults to `me`. */
export const factDraft = z.object({
  subject: z.string().optional(),
  attribute: z.string(),
  value: z.string(),
  aliases: z.array(z.string()).optional(),
  category: z.string().optional(),
  tier: tier.exclude(['multi-hop']).optional(),
  validFrom: isoDate.optional(),
  validTo: isoDate.optional(),
  neverTrain: z.boolean().optional(),
});
export type FactDraft = z.infer<typeof factDraft>;

/**
 * What becomes of the value that a thing of one value has, where a new one contradicts it without a later date: it ends
 * and is kept as past (`replace`), is overwritten as a mistake (`correct`), stays beside the new one as a conflict
 * (`keep-both`), or nothing is saved (`refuse`).
 */
export const ifOther = z.enum(['replace', 'correct', 'keep-both', 'refuse']);
export type IfOther = z.infer<typeof ifOther>;

export const importResult = z.object({
  added: z.number().int(),
  superseded: z.number().int(),
  unchanged: z.number().int(),
  conflicts: z.array(
    z.object({ subject: z.string(), attribute: z.string(), kept: z.string(), other: z.string() }),
  ),
  ids: z.array(z.string()),
});
export type ImportResult = z.infer<typeof importResult>;
