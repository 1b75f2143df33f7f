import type { Fact, Tier } from '../../contract/entities/fact.ts';
import { hasEnded, holdsOn } from './dates.ts';
import type { CleanDraft, Standing } from './draft-rules.ts';
import { labelOf, type Kinds } from './kinds.ts';
import { statementOf } from './statements.ts';
import { tierOf } from './tiers.ts';

/** A stored version of a fact: what is written down, without what follows from it on a given day. */
export type FactVersion = {
  readonly id: string;
  readonly subject: string;
  readonly attribute: string;
  readonly kind: string | null;
  readonly thing: string;
  readonly value: string;
  readonly aliases: readonly string[];
  readonly category: string;
  readonly tier: Exclude<Tier, 'multi-hop'>;
  /** The tier that the user gave, where it differs from the structure. */
  readonly tierGiven: Exclude<Tier, 'multi-hop'> | null;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** Rides in the prompt and is taught to no adapter. */
  readonly neverTrain: boolean;
  readonly standing: Standing;
  readonly supersedes: string | null;
  readonly conflictsWith: readonly string[];
  readonly source: Exclude<Fact['source'], { type: 'derived' }>;
  readonly createdAt: number;
};

/** The key under which two values are the same. */
export function valueKey(value: string): string {
  return value.normalize('NFC').toLowerCase();
}

/** True when two versions are written in the same way. */
export function isSameVersion(first: FactVersion, second: FactVersion): boolean {
  const fields = Object.keys(second) as (keyof FactVersion)[]; // a version has no other fields
  return fields.every((field) => {
    const [one, other] = [first[field], second[field]];
    return one === other || (typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other));
  });
}

/** True when a version is in force on a day: not lost in a conflict, begun and not ended. */
export function isCurrent(version: FactVersion, today: string): boolean {
  return version.standing !== 'lost' && holdsOn(version, today);
}

/** A version as everybody outside the store sees it on a given day. */
export function toFact(version: FactVersion, kinds: Kinds, today: string): Fact {
  const { thing: _thing, tierGiven: _tierGiven, standing: _standing, ...rest } = version;
  const current = isCurrent(version, today);
  return {
    ...rest,
    aliases: [...version.aliases],
    conflictsWith: [...version.conflictsWith],
    current,
    statement: statementOf({
      ...version,
      label: labelOf(kinds, version),
      // The other value of a conflict is said as it was given: it is not known to be over.
      current: !hasEnded(version, today),
      isUpcoming: !hasEnded(version, today) && !holdsOn(version, today),
    }),
  };
}

/** A new version from a checked draft; its tier is set with those of its siblings by {@link withTiers}. */
export function versionOf(
  draft: CleanDraft,
  given: Pick<FactVersion, 'id' | 'source' | 'createdAt'> &
    Partial<Pick<FactVersion, 'standing' | 'supersedes' | 'validTo' | 'neverTrain'>>,
): FactVersion {
  return {
    id: given.id,
    subject: draft.subject,
    attribute: draft.attribute,
    kind: draft.kind,
    thing: draft.thing,
    value: draft.value,
    aliases: draft.aliases,
    category: draft.category,
    tier: 'simple',
    tierGiven: draft.tierGiven,
    validFrom: draft.validFrom,
    validTo: given.validTo ?? draft.validTo,
    neverTrain: given.neverTrain ?? draft.neverTrain ?? false,
    standing: given.standing ?? 'standing',
    supersedes: given.supersedes ?? null,
    conflictsWith: [],
    source: given.source,
    createdAt: given.createdAt,
  };
}

/** All versions of one thing with the tiers that follow from them; a given tier stays only where it differs. */
export function withTiers(versions: readonly FactVersion[], kinds: Kinds): FactVersion[] {
  const superseded = new Set(versions.map((version) => version.supersedes));
  const kept = versions.filter((version) => version.standing !== 'lost').length;
  return versions.map((version) => {
    const kind = version.kind === null ? undefined : kinds.byId.get(version.kind);
    const inferred = tierOf({
      subject: version.subject,
      validFrom: version.validFrom,
      validTo: version.validTo,
      hasOtherVersions:
        version.standing !== 'lost' &&
        (version.supersedes !== null || superseded.has(version.id) || (!(kind?.many ?? false) && kept > 1)),
      namesPerson: kind?.person ?? false,
    });
    const tierGiven = version.tierGiven === inferred ? null : version.tierGiven;
    return { ...version, tierGiven, tier: tierGiven ?? inferred };
  });
}
