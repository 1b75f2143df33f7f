/**
 * What an adapter is taught of each fact, as three short hashes: its own value and dates, what its answers take from
 * other facts (values told together, the former value, the parents of a derived one), and the thing it is about.
 *
 * Two equal fingerprints mean the same lessons; wordings are not part of it.
 */
import { hash } from 'node:crypto';
import type { Fact } from '../../contract/entities/fact.ts';
import { formerOf, groupOf, slotOf } from '../variations/generate-variations.ts';

/** By fact id; a text of three parts. */
export type Fingerprints = ReadonlyMap<string, string>;

/** The fingerprints of all live facts. */
export function fingerprintFacts(facts: readonly Fact[]): Fingerprints {
  const slots = new Map<string, Fact[]>();
  for (const fact of facts) {
    const slot = slotOf(fact);
    const list = slots.get(slot);
    if (list === undefined) slots.set(slot, [fact]);
    else list.push(fact);
  }
  return new Map(
    facts.map((fact) => {
      const slot = slotOf(fact);
      const neighbours = slots.get(slot) ?? [];
      const former = fact.current ? formerOf(fact, neighbours) : undefined;
      const own = [fact.value, fact.current, fact.validFrom, fact.validTo];
      const around = [
        groupOf(fact, neighbours).map((each) => each.value),
        former === undefined ? null : [former.value, former.validTo],
        fact.source.type === 'derived' ? fact.statement : null,
      ];
      return [fact.id, fingerprintOf(fact, [own, around, [slot]])];
    }),
  );
}

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

/** What the parts of a fact were when they were hashed last: of thousands of facts few have changed. */
const known = new WeakMap<Fact, { readonly text: string; readonly fingerprint: string }>();

function fingerprintOf(fact: Fact, parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  const before = known.get(fact);
  if (before?.text === text) return before.fingerprint;
  const fingerprint = parts.map(shortHash).join('.');
  known.set(fact, { text, fingerprint });
  return fingerprint;
}

function shortHash(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'hex').slice(0, 16);
}
