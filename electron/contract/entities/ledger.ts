import type { z } from 'zod';
import { fact, factState } from './fact.ts';

/** A fact with its state for the active adapter, computed when it is asked for. */
export const factWithState = fact.extend({ state: factState });
export type FactWithState = z.infer<typeof factWithState>;
