import { z } from 'zod';
import { fact, factFlag, factState, tier } from './fact.ts';

/** A fact with its state for the active adapter, computed when it is asked for. */
export const factWithState = fact.extend({ state: factState, flags: z.array(factFlag) });
export type FactWithState = z.infer<typeof factWithState>;

/** A fact with what belongs to it. */
export const factDetail = z.object({
  fact: factWithState,
  /** All versions of the same thing, newest first, itself included. */
  versions: z.array(factWithState),
  /** Facts it was derived from, and facts derived from it. */
  parents: z.array(factWithState),
  children: z.array(factWithState),
  /** Its test questions by the active adapter; null where it was never asked. */
  tests: z
    .object({
      right: z.number().int(),
      asked: z.number().int(),
      /** An answer gave another fact's value, or the one it replaced. */
      mixedUp: z.boolean(),
      testedAt: z.number().int(),
      version: z.number().int(),
    })
    .nullable(),
  /** Why its tier is what it is, in a sentence. */
  tierReason: z.string(),
  /** Questions it takes to be called learned. */
  testsNeeded: z.number().int(),
});
export type FactDetail = z.infer<typeof factDetail>;

/** How many facts in force each value of a filter holds; states and flags count those that are over, too. */
export const factFacets = z.object({
  total: z.number().int(),
  categories: z.array(z.object({ category: z.string(), facts: z.number().int() })),
  tiers: z.partialRecord(tier, z.number().int()),
  states: z.partialRecord(factState, z.number().int()),
  flags: z.partialRecord(factFlag, z.number().int()),
});
export type FactFacets = z.infer<typeof factFacets>;
