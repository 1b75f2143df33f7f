/**
 * The tier of a fact, read from its structure:
 * temporal when it is dated or its value has changed, relational when it concerns or names another person, else simple.
 */
import type { Tier } from '../../contract/entities/fact.ts';

/** What decides a tier; derived facts are `multi-hop` by birth and never come here. */
export type TierInput = {
  readonly subject: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** True when former or later values of the same thing are known. */
  readonly hasOtherVersions: boolean;
  /** True when the value is a private person. */
  readonly namesPerson: boolean;
};

/** The tier that follows from a fact's structure. */
export function tierOf(input: TierInput): Exclude<Tier, 'multi-hop'> {
  if (input.validFrom !== null || input.validTo !== null || input.hasOtherVersions) return 'temporal';
  if (input.subject !== 'me' || input.namesPerson) return 'relational';
  return 'simple';
}
