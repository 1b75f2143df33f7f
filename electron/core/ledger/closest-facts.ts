/**
 * The few facts that a question seems to be about, for a plain base: it reads one fact well and loses its way in twelve.
 *
 * A question is compared with the names of an attribute and with wordings that ask for it without naming it: the share of
 * telling words that both have (Jaccard), and the share of the question's that any of them has. Facts of another subject count where the subject, or what it is to the user
 * ("my partner"), is said.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import { isPersonal, namesOf, stemsOf } from './asked-facts.ts';
import type { Kinds } from '../facts/kinds.ts';
import { matchKey } from '../util/text.ts';

/** Less in common is chance. */
const leastLikeness = 0.4;
/** A wording that begins with the same question word is the likelier one: "Where was I born?" and "When was I born?". */
const sameQuestionWord = 0.25;
const mostClosest = 3;

export type ClosestInput = {
  readonly facts: readonly Fact[];
  readonly question: string;
  readonly kinds?: Kinds | undefined;
  /** Wordings by which a fact of the user's own is asked for. */
  readonly wordingsOf?: ((fact: Fact) => readonly string[]) | undefined;
};

/**
 * The likeliest facts, at most three that are equally likely. None for a question that speaks neither of the user nor of a
 * subject; all where it does and is like none of them ("What do you know about me?").
 */
export function closestFacts(input: ClosestInput): readonly Fact[] {
  const { facts, question } = input;
  const asked = phraseOf(question);
  const likenesses = likenessesOf(asked, input);
  const best = likenesses.reduce((most, likeness) => Math.max(most, likeness), 0);
  const isAboutUser = isPersonal(question);
  const isAboutSubject = facts.some(
    ({ subject }) => subject !== 'me' && covers(asked.words, stemsOf(subject)),
  );
  if (!isAboutUser && !isAboutSubject) return [];
  if (best < leastLikeness) return facts;
  const closest = facts.filter((_fact, index) => likenesses[index] === best);
  return closest.length > mostClosest ? closest.slice(-mostClosest) : closest;
}

type Phrase = { readonly words: ReadonlySet<string>; readonly questionWord: string | undefined };

function phraseOf(text: string): Phrase {
  const questionWord = /^(?:and |so |but )?(who|what|when|where|which|how|why)\b/u.exec(matchKey(text))?.[1];
  return { words: stemsOf(text), questionWord };
}

/** What a subject is to the user, by its name: the words of the facts whose value it is. */
function linksOf(facts: readonly Fact[], kinds: Kinds | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const subjects = new Set(
    facts.map(({ subject }) => matchKey(subject)).filter((subject) => subject !== 'me'),
  );
  const links = new Map<string, ReadonlySet<string>>();
  if (subjects.size === 0) return links;
  for (const fact of facts) {
    const value = matchKey(fact.value);
    if (!subjects.has(value)) continue;
    links.set(
      value,
      new Set([...(links.get(value) ?? []), ...namesOf(fact, kinds).flatMap((name) => [...stemsOf(name)])]),
    );
  }
  return links;
}

/** Likeness of each fact to the question. A word counts the less, the more of what can be asked has it. */
function likenessesOf(asked: Phrase, { facts, kinds, wordingsOf }: ClosestInput): number[] {
  const links = linksOf(facts, kinds);
  /** Facts of the user's own of one attribute are asked for alike. */
  const own = new Map<string, readonly Phrase[]>();
  const keyOf = (fact: Fact): string => `${fact.kind ?? ''} ${matchKey(fact.attribute)}`;
  for (const fact of facts) {
    const key = keyOf(fact);
    if (own.has(key)) continue;
    const names = namesOf(fact, kinds).map((name) => ({ words: stemsOf(name), questionWord: undefined }));
    own.set(key, [...names, ...(wordingsOf?.(fact) ?? []).map(phraseOf)]);
  }
  const weights = weigh([...own.values()]);
  const scores = new Map([...own].map(([key, phrases]) => [key, mostLike(asked, phrases, weights)]));
  return facts.map((fact) => {
    if (fact.subject === 'me') return scores.get(keyOf(fact)) ?? 0;
    const subject = stemsOf(fact.subject);
    const link = links.get(matchKey(fact.subject)) ?? new Set<string>();
    const said = covers(asked.words, subject) ? subject : common(link, asked.words);
    if (said.size === 0) return 0;
    const phrases = namesOf(fact, kinds).map((name) => ({
      words: new Set([...said, ...stemsOf(name)]),
      questionWord: undefined,
    }));
    return mostLike(asked, phrases, weights);
  });
}

/** Inverse document frequency (Sparck Jones, 1972) over the attributes: ln(1 + N / n). */
function weigh(attributes: readonly (readonly Phrase[])[]): (word: string) => number {
  const counts = new Map<string, number>();
  for (const phrases of attributes) {
    for (const word of new Set(phrases.flatMap(({ words }) => [...words])))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return (word) => Math.log(1 + attributes.length / (counts.get(word) ?? 1));
}

/** The most that a phrase has in common with the question, and how much of the question all of them together cover. */
function mostLike(asked: Phrase, phrases: readonly Phrase[], weights: (word: string) => number): number {
  const weightOf = (words: Iterable<string>): number =>
    [...words].reduce((total, word) => total + weights(word), 0);
  const whole = weightOf(asked.words);
  if (whole === 0) return 0;
  const shares = phrases.map(({ words, questionWord }) => {
    const both = weightOf(common(asked.words, words));
    if (both === 0) return 0;
    const isSame = asked.questionWord !== undefined && asked.questionWord === questionWord;
    return both / (whole + weightOf(words) - both) + (isSame ? sameQuestionWord : 0);
  });
  const all = new Set(phrases.flatMap(({ words }) => [...words]));
  return Math.max(0, ...shares) + weightOf(common(asked.words, all)) / whole;
}

function common(left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...left].filter((word) => right.has(word)));
}

function covers(words: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return wanted.size > 0 && [...wanted].every((word) => words.has(word));
}
