/**
 * Facts that follow from two others: (me, partner, Jordan) + (Jordan, job, teacher) = my partner's job is teacher.
 * They are composed on reading, never stored and never imported.
 */
import { createHash } from 'node:crypto';
import type { Fact } from '../../contract/entities/fact.ts';
import { matchKey } from '../util/text.ts';
import { labelOf, type Kinds } from './kinds.ts';
import { possessiveOf } from './statements.ts';

/**
 * All facts that two current facts give together.
 *
 * A relation with several current values ("my sister" with two sisters) is ambiguous and gives none; so does a
 * thing that the owner has told directly about "my partner".
 */
export function deriveFacts(facts: readonly Fact[], kinds: Kinds): Fact[] {
  const current = facts.filter((fact) => fact.current && fact.source.type !== 'derived');
  const keys = new Map<string, string>();
  /** Names repeat: each is folded once. */
  const matchKeyOf = (name: string): string => {
    const key = keys.get(name) ?? matchKey(name);
    keys.set(name, key);
    return key;
  };
  const bySubject = groupBy(
    current.filter((fact) => fact.subject !== 'me'),
    (fact) => matchKeyOf(fact.subject),
  );
  const relations = groupBy(
    current.filter((fact) => fact.subject === 'me'),
    (fact) => fact.kind ?? matchKeyOf(fact.attribute),
  );
  const derived: Fact[] = [];
  for (const links of relations.values()) {
    const [link] = links;
    if (link === undefined || links.length > 1) continue;
    const subject = `my ${labelOf(kinds, link)}`;
    const told = new Set(
      (bySubject.get(matchKeyOf(subject)) ?? []).map((fact) => fact.kind ?? matchKeyOf(fact.attribute)),
    );
    const names = [link.value, ...link.aliases].map(matchKeyOf);
    for (const name of new Set(names)) {
      for (const fact of bySubject.get(name) ?? []) {
        if (!told.has(fact.kind ?? matchKeyOf(fact.attribute)))
          derived.push(compose(link, fact, subject, kinds));
      }
    }
  }
  return derived;
}

function compose(link: Fact, fact: Fact, subject: string, kinds: Kinds): Fact {
  const reason = `Your ${labelOf(kinds, link)} is ${link.value}, and ${possessiveOf(fact.subject)} ${labelOf(kinds, fact)} is ${fact.value}.`;
  return {
    id: derivedId(link.id, fact.id),
    subject,
    attribute: fact.attribute,
    kind: fact.kind,
    value: fact.value,
    aliases: fact.aliases,
    category: fact.category,
    tier: 'multi-hop',
    validFrom: fact.validFrom,
    validTo: fact.validTo,
    supersedes: null,
    current: true,
    // What follows from a secret tells it.
    neverTrain: link.neverTrain || fact.neverTrain,
    conflictsWith: [],
    statement: reason,
    source: { type: 'derived', parents: [link.id, fact.id] },
    createdAt: Math.max(link.createdAt, fact.createdAt),
  };
}

/** The same two parents always give the same id, in the form of a UUID (version 8). */
function derivedId(first: string, second: string): string {
  const hex = createHash('sha256').update(`multi-hop\n${first}\n${second}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** True for the id of a fact that follows from two others; told ones have random ids (version 4). */
export function isDerivedId(id: string): boolean {
  return id[14] === '8';
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
