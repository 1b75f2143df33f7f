/**
 * What the next training teaches, and how: nothing, from the last adapter (warm), or from the base (rebuild).
 *
 * Warm: new, changed and dependent facts with all their forms, weak ones with more than the rest, two forms of each
 * other fact. Rebuild: whatever a warm start could not do well or could not prove, each with its reason.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { RebuildReason, TaughtFact, TaughtWhy } from '../../contract/entities/train-plan.ts';
import { isDerivedId } from '../facts/multi-hop.ts';
import { partsOf, sameFingerprints, type Fingerprints } from './fingerprints.ts';

/** Share of changed facts from which a rebuild is the better way. */
export const mostChangedShare = 0.4;
/** Warm starts in a row before a rebuild: small losses add up. */
export const longestChain = 8;

/** An adapter that was trained before, as the decision sees it. */
export type Ancestor = {
  readonly adapterId: string;
  readonly baseModelId: string;
  readonly seed: number;
  /** Hash of every hyper-parameter; null where an earlier version kept none. */
  readonly settings: string | null;
  readonly hasFile: boolean;
  /** May answer in chat. */
  readonly mayServe: boolean;
  readonly isJudged: boolean;
  readonly mode: 'rebuild' | 'warm' | 'repair';
  /** Warm starts since the last rebuild. */
  readonly generation: number;
  readonly taught: Fingerprints;
  /** Every fact version it ever saw, its ancestors' included. */
  readonly seenIds: ReadonlySet<string>;
};

export type PlanInput = {
  readonly facts: readonly Fact[];
  readonly fingerprints: Fingerprints;
  readonly baseModelId: string;
  readonly seed: number;
  readonly settings: string;
  /** Newest first. */
  readonly adapters: readonly Ancestor[];
  readonly activeId: string | null;
  /** Facts that the active adapter was asked for and does not know well enough. */
  readonly weakIds: ReadonlySet<string>;
  /** Of them there is one whose answer its owner called wrong: having been taught the same is no reason to stop. */
  readonly isToldWrong?: boolean;
  /** Something was forgotten and not yet left out by a training from the base. */
  readonly rebuildNeeded: boolean;
  readonly forceRebuild: boolean;
};

export type PlanDecision =
  /** The same was trained already; `adapterId` is what came of it. */
  | { readonly mode: 'nothing'; readonly adapterId: string }
  | {
      readonly mode: 'warm';
      readonly parentAdapterId: string;
      readonly reasons: readonly RebuildReason[];
      readonly taught: readonly TaughtFact[];
      readonly replayed: readonly string[];
      /** Derived facts that no longer follow from what is told: that nobody tells them is taught. */
      readonly withdrawn: readonly string[];
    }
  | {
      readonly mode: 'rebuild';
      readonly reasons: readonly RebuildReason[];
      readonly taught: readonly TaughtFact[];
    };

/** Decides. A pure function; the reasons come in the order in which they count. */
export function decidePlan(input: PlanInput): PlanDecision {
  const alike = (adapter: Ancestor): boolean =>
    adapter.baseModelId === input.baseModelId && adapter.settings === input.settings;
  const isSame = (adapter: Ancestor): boolean =>
    adapter.hasFile &&
    alike(adapter) &&
    adapter.seed === input.seed &&
    sameFingerprints(adapter.taught, input.fingerprints);
  const same =
    input.adapters.find((each) => isSame(each) && each.adapterId === input.activeId) ??
    input.adapters.find(isSame);
  const parent = input.adapters.find((each) => each.adapterId === input.activeId);
  const compared = compare(input, parent);
  const isFailedWarm = same !== undefined && same.mode !== 'rebuild' && same.isJudged && !same.mayServe;
  // What came from the base and matches what is told now never saw what was forgotten.
  const isClean = !input.rebuildNeeded || same?.mode === 'rebuild';
  if (same !== undefined && !input.forceRebuild && input.isToldWrong !== true && isClean && !isFailedWarm)
    return { mode: 'nothing', adapterId: same.adapterId };

  const reasons: RebuildReason[] = [];
  if (input.forceRebuild) reasons.push('asked-for');
  if (input.rebuildNeeded) reasons.push('forgotten');
  if (input.adapters.length === 0) {
    // What was forgotten took its adapters along: that nothing is left to start from says nothing more.
    if (!input.rebuildNeeded) reasons.push('first');
  } else if (parent?.mayServe !== true) reasons.push('no-active-adapter');
  else {
    if (!parent.hasFile) reasons.push('file-missing');
    if (parent.baseModelId !== input.baseModelId) reasons.push('other-base');
    else if (parent.settings === null || parent.taught.size === 0) reasons.push('unknown-history');
    else if (parent.settings !== input.settings) reasons.push('other-settings');
    if (parent.seed !== input.seed) reasons.push('other-seed');
    if (parent.generation >= longestChain) reasons.push('long-chain');
    if (isFailedWarm) reasons.push('warm-start-failed');
    if (compared.withdrawn.some((id) => !isDerivedId(id))) reasons.push('withdrawn');
    if (compared.changed.length > Math.max(1, mostChangedShare * input.facts.length))
      reasons.push('many-changes');
  }
  if (reasons.length > 0 || parent === undefined) {
    const whyOf = new Map(compared.changed.map((each) => [each.factId, each.why]));
    const taught = input.facts.map((fact): TaughtFact => {
      const why = whyOf.get(fact.id);
      return { factId: fact.id, why: why ?? (compared.weak.has(fact.id) ? 'weak' : 'again') };
    });
    return { mode: 'rebuild', reasons, taught };
  }
  const weak = [...compared.weak].map((factId): TaughtFact => ({ factId, why: 'weak' }));
  const named = new Set([...compared.changed.map((each) => each.factId), ...compared.weak]);
  return {
    mode: 'warm',
    parentAdapterId: parent.adapterId,
    reasons: [],
    taught: [...compared.changed, ...weak],
    replayed: input.facts.filter((fact) => !named.has(fact.id)).map((fact) => fact.id),
    withdrawn: compared.withdrawn,
  };
}

type Comparison = {
  readonly changed: readonly TaughtFact[];
  readonly weak: ReadonlySet<string>;
  /** Facts that the parent was taught and whose thing nobody tells any more. */
  readonly withdrawn: readonly string[];
};

function compare(input: PlanInput, parent: Ancestor | undefined): Comparison {
  if (parent === undefined) {
    const changed = input.facts.map((fact): TaughtFact => ({ factId: fact.id, why: 'new' }));
    return { changed, weak: new Set(), withdrawn: [] };
  }
  const changed: TaughtFact[] = [];
  const weak = new Set<string>();
  for (const fact of input.facts) {
    const why = whyTaught(fact, input.fingerprints.get(fact.id) ?? '', parent);
    if (why !== undefined) changed.push({ factId: fact.id, why });
    else if (input.weakIds.has(fact.id)) weak.add(fact.id);
  }
  const slots = new Set([...input.fingerprints.values()].map((each) => partsOf(each).slot));
  const gone = [...parent.taught].filter(
    ([id, fingerprint]) => !input.fingerprints.has(id) && !slots.has(partsOf(fingerprint).slot),
  );
  return { changed, weak, withdrawn: gone.map(([id]) => id) };
}

/** Why a fact must be taught again; undefined where the parent was taught the very same. */
function whyTaught(fact: Fact, fingerprint: string, parent: Ancestor): TaughtWhy | undefined {
  const before = parent.taught.get(fact.id);
  if (before === fingerprint) return undefined;
  if (before !== undefined) {
    if (partsOf(before).own === partsOf(fingerprint).own) return 'dependent';
    return fact.current ? 'changed' : 'ended';
  }
  if (fact.source.type === 'derived')
    return fact.source.parents.some((id) => parent.seenIds.has(id)) ? 'dependent' : 'new';
  if (parent.seenIds.has(fact.id)) return 'changed';
  return fact.supersedes !== null && parent.seenIds.has(fact.supersedes) ? 'changed' : 'new';
}
