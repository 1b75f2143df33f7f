/**
 * What an adapter is taught of each fact, as three short hashes: its own value and dates, what its answers take from
 * other facts (values told together, the former value, the parents of a derived one), and the thing it is about.
 *
 * Two equal fingerprints mean the same lessons; wordings are not part of it.
 */
import { hash } from 'node:crypto';
import type { Fact } from '../../contract/entities/fact.ts';
import { takeAll, type Steps } from '../util/slices.ts';
import { formerOf, groupOf, slotOf } from '../variations/generate-variations.ts';

/** By fact id; a text of three parts. */
export type Fingerprints = ReadonlyMap<string, string>;

/** The fingerprints of all live facts, made once for a list, which is not changed after. */
export function fingerprintFacts(facts: readonly Fact[]): Fingerprints {
  return takeAll(fingerprintSteps(facts));
}

/** The same in steps. */
export function* fingerprintSteps(facts: readonly Fact[]): Steps<Fingerprints> {
  const kept = lists.get(facts);
  if (kept !== undefined) return kept;
  const slots = new Map<string, Fact[]>();
  for (const [index, fact] of facts.entries()) {
    const slot = slotOfFact(fact);
    const list = slots.get(slot);
    if (list === undefined) slots.set(slot, [fact]);
    else list.push(fact);
    if (index % factsInStep === 0) yield;
  }
  const made = new Map<string, string>();
  for (const [index, fact] of facts.entries()) {
    made.set(fact.id, fingerprintOf(fact, slots.get(slotOfFact(fact)) ?? []));
    if (index % factsInStep === 0) yield;
  }
  lists.set(facts, made);
  return made;
}

const factsInStep = 100;
const lists = new WeakMap<readonly Fact[], Fingerprints>();

/** The parts of a fingerprint. */
export function partsOf(fingerprint: string): {
  readonly own: string;
  readonly around: string;
  readonly slot: string;
} {
  const [own = '', around = '', slot = ''] = fingerprint.split('.');
  return { own, around, slot };
}

/** True where both hold the same facts with the same lessons. */
export function sameFingerprints(left: Fingerprints, right: Fingerprints): boolean {
  if (left.size !== right.size) return false;
  for (const [id, fingerprint] of left) if (right.get(id) !== fingerprint) return false;
  return true;
}

/** What a fact came to among the facts of its thing: of thousands few have changed. */
const known = new WeakMap<Fact, { readonly slot: readonly Fact[]; readonly fingerprint: string }>();
const slotsOfFacts = new WeakMap<Fact, string>();

function slotOfFact(fact: Fact): string {
  const slot = slotsOfFacts.get(fact) ?? slotOf(fact);
  slotsOfFacts.set(fact, slot);
  return slot;
}

/** `neighbours`: the facts of the same thing, itself included. */
function fingerprintOf(fact: Fact, neighbours: readonly Fact[]): string {
  const before = known.get(fact);
  if (before !== undefined && isSameList(before.slot, neighbours)) return before.fingerprint;
  const former = fact.current ? formerOf(fact, neighbours) : undefined;
  const own = [fact.value, fact.current, fact.validFrom, fact.validTo];
  const around = [
    groupOf(fact, neighbours).map((each) => each.value),
    former === undefined ? null : [former.value, former.validTo],
    fact.source.type === 'derived' ? fact.statement : null,
  ];
  const fingerprint = [own, around, [slotOfFact(fact)]].map(shortHash).join('.');
  known.set(fact, { slot: neighbours, fingerprint });
  return fingerprint;
}

function isSameList(left: readonly Fact[], right: readonly Fact[]): boolean {
  return left === right || (left.length === right.length && left.every((fact, at) => fact === right[at]));
}

function shortHash(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'hex').slice(0, 16);
}
