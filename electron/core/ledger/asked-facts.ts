/**
 * The facts that a plain question asks for: all that it says beside everyday words is the name of their attribute and
 * who they are about. "What is my birthday?" is one; "Which birthday party shall I plan?" is none.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kinds } from '../facts/kinds.ts';
import { matchKey, stem } from '../util/text.ts';

/** Longer ones say more than what they ask. */
const mostWords = 16;

/** Words that a question is made of and that name nothing. */
const everyday = new Set(
  (
    'a about again am an and are be can could current currently do does for from give got has have hello hey hi i in is ' +
    'it just know let like me mine my now of please quick quickly recall remember remind right s say so still tell that ' +
    'the there this to today ve want was what when where which who whom whose will would you your'
  ).split(' '),
);

/** Words that are part of many names and wordings, and tell something only where nothing else is said. */
const naming = new Set(['name', 'names', 'named', 'call', 'called']);

/** True for a question that speaks of the user. */
export function isPersonal(question: string): boolean {
  return /\b(?:i|my|me|mine|myself|we|our|us)\b/iu.test(question);
}

/** The stems of the words that tell what a text is about. */
export function stemsOf(text: string): ReadonlySet<string> {
  const words = telling(text);
  const others = words.filter((word) => !naming.has(word));
  return new Set((others.length > 0 ? others : words).map(stem));
}

/** Those of the facts that the question asks for and nothing else; none where it says more, or something else. */
export function askedFacts(question: string, facts: readonly Fact[], kinds?: Kinds): Fact[] {
  const words = wordsOf(question);
  if (words.length === 0 || words.length > mostWords) return [];
  const said = new Set(words.filter((word) => !everyday.has(word)));
  if (said.size === 0) return [];
  return facts.filter((fact) => {
    const about = fact.subject === 'me' ? [] : telling(fact.subject);
    if (!about.every((word) => said.has(word))) return false;
    return namesOf(fact, kinds).some((name) => {
      const named = telling(name);
      const meant = new Set([...about, ...named]);
      return named.length > 0 && named.every((word) => said.has(word)) && meant.size === said.size;
    });
  });
}

/** What a fact's attribute is called. */
export function namesOf(fact: Fact, kinds: Kinds | undefined): readonly string[] {
  const kind = fact.kind === null ? undefined : kinds?.byId.get(fact.kind);
  return kind === undefined ? [fact.attribute] : [fact.attribute, kind.label, kind.plural, ...kind.aliases];
}

function telling(text: string): string[] {
  return wordsOf(text).filter((word) => !everyday.has(word));
}

function wordsOf(text: string): string[] {
  return matchKey(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}
