/** What a proposed fact would do to the facts that are there, and how it would read. */
import type { Fact, FactDraft } from '../../../contract/entities/fact.ts';
import type { DraftEffect, Proposal } from '../../../contract/entities/proposal.ts';
import { hasEnded } from '../dates.ts';
import { cleanDraft, thingOf, type CleanDraft } from '../draft-rules.ts';
import { contradicts } from '../fact-rules.ts';
import { toFact, valueKey, versionOf } from '../fact-version.ts';
import { findKind, type Kinds } from '../kinds.ts';

/** Told facts by what they are about. */
export type FactIndex = ReadonlyMap<string, readonly Fact[]>;

/** Builds the index once for many proposals. */
export function indexFacts(facts: readonly Fact[], kinds: Kinds): FactIndex {
  const index = new Map<string, Fact[]>();
  for (const fact of facts) {
    if (fact.source.type === 'derived') continue;
    // A name that was no kind's when it was told may be one now.
    const kind = fact.kind ?? findKind(kinds, fact.attribute)?.id ?? null;
    const thing = thingOf(fact.subject, fact.attribute, kind);
    const known = index.get(thing);
    if (known === undefined) index.set(thing, [fact]);
    else known.push(fact);
  }
  return index;
}

/** Thing and value of a draft as compared. Throws `DraftProblem` for one that is no fact. */
export function claimOf(draft: FactDraft, kinds: Kinds): string {
  const clean = cleanDraft(draft, kinds);
  return `${clean.thing}\n${valueKey(clean.value)}`;
}

/** The same, of a fact that is there. */
export function claimOfFact(fact: Pick<Fact, 'subject' | 'attribute' | 'kind' | 'value'>): string {
  return `${thingOf(fact.subject, fact.attribute, fact.kind)}\n${valueKey(fact.value)}`;
}

/** Works out the effect of a draft today. */
export function effectOf(
  draft: FactDraft,
  context: { readonly facts: FactIndex; readonly kinds: Kinds; readonly today: string },
): DraftEffect {
  const clean = cleanDraft(draft, context.kinds);
  const statement = statementOfDraft(clean, context.kinds, context.today);
  const known = context.facts.get(clean.thing) ?? [];
  const touching = (effect: Proposal['effect'], fact: Fact): DraftEffect => ({
    effect,
    statement,
    touches: { factId: fact.id, statement: fact.statement },
  });
  const same = known.find((fact) => isSameValue(fact, clean) && saysNothingNew(fact, clean));
  if (same !== undefined) return touching('same', same);
  // A former value stands beside the present one.
  const isFormer = hasEnded(clean, context.today);
  const current = known.filter((fact) => fact.current);
  const told = current.find((fact) => isSameValue(fact, clean));
  if (told !== undefined && !isFormer) return touching('changes', told);
  const other = current.at(-1);
  if (clean.many || isFormer || other === undefined) return { effect: 'new', statement, touches: null };
  return touching(contradicts(clean.validFrom, other.validFrom) ? 'conflicts' : 'changes', other);
}

function isSameValue(fact: Fact, clean: CleanDraft): boolean {
  const key = valueKey(clean.value);
  return [fact.value, ...fact.aliases].some((value) => valueKey(value) === key);
}

/** True where the draft has no date that the fact does not have. */
function saysNothingNew(fact: Fact, clean: CleanDraft): boolean {
  return (
    (clean.validFrom === null || clean.validFrom === fact.validFrom) &&
    (clean.validTo === null ? fact.current : clean.validTo === fact.validTo)
  );
}

function statementOfDraft(clean: CleanDraft, kinds: Kinds, today: string): string {
  const version = versionOf(clean, { id: '', source: { type: 'typed' }, createdAt: 0 });
  return toFact(version, kinds, today).statement;
}
