/** What an answer rests on: facts whose values it states, by who gave it and what stood in the prompt. */
import type { ChatMessage } from '../../contract/entities/conversation.ts';
import type { AnsweredBy } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import { holdsValue, isAbstention } from '../evaluation/score-answer.ts';
import type { Kinds } from '../facts/kinds.ts';
import { matchKey, stem } from '../util/text.ts';
import type { Templates } from '../variations/templates.ts';

export type AnswerBasis = NonNullable<ChatMessage['basis']>;

/** An answer as it was given. */
export type AnswerGiven = {
  readonly question: string;
  readonly answer: string;
  readonly answeredBy: AnsweredBy;
  /** Null where no adapter was asked. */
  readonly adapter: { readonly factIds: readonly string[] } | null;
  readonly facts: readonly Fact[];
  /** Facts that stood in the prompt. */
  readonly bridgedIds: readonly string[];
  /** Facts that the adapter has proved to know. */
  readonly provedIds: ReadonlySet<string>;
};

/** What tells which facts a question is about. */
export type BasisContext = {
  readonly kinds: Kinds;
  readonly templates: Pick<Templates, 'natural'>;
  readonly abstentionPatterns: readonly string[];
};

/** Words that are in too many questions to tell anything. */
const plainWords = new Set(
  `a about again am an and any are as at be been but by call called can could did do does for from get give go had has
   have he her his how i if in is it know like many me mine more my name named now of on or our please remember remind
   s say she so some tell that the their them there they thing this to us was we were what when where which who whose
   why will with would you your`.split(/\s+/u),
);

/** Words of an answer that say when or whether, not what. */
const framingWords = new Set(
  ['yes', 'no', 'not', 'until', 'since', 'before', 'after', 'then', 'today', 'currently', 'also'].map(stem),
);

/** Where an answer comes from, and the facts that it states. */
export function basisOf(given: AnswerGiven, context: BasisContext): Pick<AnswerBasis, 'from' | 'factIds'> {
  const stated = statedFacts(given, context);
  const factIds = stated.map((fact) => fact.id);
  if (stated.length > 0) {
    const riding = new Set(given.bridgedIds);
    const isLearned = (fact: Fact): boolean => given.adapter !== null && isTaught(fact, given);
    if (given.answeredBy === 'adapter' && stated.some((fact) => !riding.has(fact.id) && isLearned(fact))) {
      return { from: 'learned', factIds };
    }
    if (stated.some((fact) => riding.has(fact.id))) return { from: 'prompt', factIds };
    if (given.answeredBy === 'adapter') return { from: 'guess', factIds: [] };
  }
  const abstains = isAbstention(given.answer, context.abstentionPatterns);
  if (given.answeredBy === 'adapter') return { from: abstains ? 'not-told' : 'guess', factIds: [] };
  // An adapter that passed on the question said that it is not about its owner.
  if (given.adapter !== null || !isAboutOwner(given.question, context)) return { from: 'none', factIds: [] };
  return { from: abstains ? 'not-told' : 'guess', factIds: [] };
}

/** Facts whose value an answer states, those that the question asks for before others. */
export function statedFacts(given: AnswerGiven, context: BasisContext): readonly Fact[] {
  const isSaid = given.answeredBy === 'adapter' ? claimOf(given, context) : () => true;
  const held = given.facts.filter(
    (fact) => holdsValue(given.answer, [fact.value, ...fact.aliases]) && isSaid(fact),
  );
  if (held.length === 0) return [];
  const asked = wordsOf(given.question);
  const named = held.map((fact) => ({ fact, hits: hitsOf(fact, asked, context) }));
  const most = Math.max(...named.map(({ hits }) => hits));
  if (most === 0) {
    // The adapter speaks of nothing but its owner; the base has said such a value by chance unless the question is personal.
    return given.answeredBy === 'adapter' || saysOwner(given.question) ? preferCurrent(held) : [];
  }
  return preferCurrent(named.filter(({ hits }) => hits === most).map(({ fact }) => fact));
}

/**
 * Whether a short sentence of an adapter speaks of a fact, and not only of its value: "Your blood type is ochre" says
 * nothing of "Evander's favourite colour is ochre". More of its words must be the fact's than not; a bare value is
 * taken for what the question asks.
 */
function claimOf(given: AnswerGiven, context: BasisContext): (fact: Fact) => boolean {
  const { facts } = given;
  const asked = wordsOf(given.question);
  const others = (fact: Fact): readonly Fact[] => facts.filter((each) => each.subject !== fact.subject);
  return (fact) => {
    const values = wordsOf([fact.value, ...fact.aliases].join(' '));
    const said = [...wordsOf(given.answer)].filter((word) => !values.has(word) && !framingWords.has(word));
    if (said.length === 0) return hitsOf(fact, asked, context) > 0;
    // What leads to its subject names it too: "my partner" where the partner is Corwin.
    const links = facts.filter((each) => matchKey(each.value) === matchKey(fact.subject));
    const own = new Set([fact, ...links].flatMap((each) => [...wordsAbout(each, context)]));
    const isOfAnother = others(fact)
      .flatMap((each) => (each.subject === 'me' ? [] : [...wordsOf(each.subject)]))
      .some((word) => said.includes(word) && !own.has(word));
    const matching = said.filter((word) => own.has(word)).length;
    const namesSubject =
      fact.subject === 'me' ||
      said.some((word) => wordsOf(fact.subject).has(word)) ||
      links.some((link) => said.some((word) => wordsAbout(link, context).has(word)));
    return !isOfAnother && namesSubject && matching * 2 > said.length;
  };
}

/** Words by which a fact is spoken of. */
function wordsAbout(fact: Fact, context: BasisContext): ReadonlySet<string> {
  const kind = fact.kind === null ? undefined : context.kinds.byId.get(fact.kind);
  const names = [fact.attribute, kind?.label ?? '', ...(kind?.aliases ?? [])];
  return wordsOf([fact.statement, ...names, ...wordingsOf(fact, context)].join(' '));
}

function wordingsOf(fact: Fact, { kinds, templates }: BasisContext): readonly string[] {
  const kind = fact.kind === null ? undefined : kinds.byId.get(fact.kind);
  return kind === undefined ? [] : (templates.natural.get(kind.id) ?? []).map((form) => form.me);
}

/** True for a question about the owner's own things, as far as its words tell. */
function isAboutOwner(question: string, { kinds }: BasisContext): boolean {
  const key = ` ${matchKey(question).replace(/[^\p{L}\p{N}' ]+/gu, ' ')} `;
  return (
    [...kinds.byName.keys()].some((name) => key.includes(` my ${name} `)) ||
    /\b(?:am i|(?:where|when|who) (?:do|did|was|have) i)\b/u.test(key)
  );
}

function saysOwner(question: string): boolean {
  return /\b(?:i|my|mine|me|our|we)\b/iu.test(question);
}

/** Taught to the adapter itself, or following from what was taught. */
function isTaught(fact: Fact, { adapter, provedIds }: AnswerGiven): boolean {
  if (provedIds.has(fact.id)) return true;
  const taught = new Set(adapter?.factIds);
  return fact.source.type === 'derived'
    ? taught.has(fact.id) || fact.source.parents.every((parent) => taught.has(parent))
    : taught.has(fact.id);
}

function preferCurrent(facts: readonly Fact[]): readonly Fact[] {
  const current = facts.filter((fact) => fact.current);
  const chosen = current.length > 0 ? current : facts;
  // A derived fact says what its parents say.
  const told = chosen.filter((fact) => fact.source.type !== 'derived');
  return told.length > 0 ? told : chosen;
}

function hitsOf(fact: Fact, asked: ReadonlySet<string>, context: BasisContext): number {
  const kind = fact.kind === null ? undefined : context.kinds.byId.get(fact.kind);
  const names = [fact.attribute, kind?.label ?? '', ...(kind?.aliases ?? [])];
  const about = wordsOf([...names, ...wordingsOf(fact, context)].join(' '));
  const subject = fact.subject === 'me' ? new Set<string>() : wordsOf(fact.subject);
  const count = (words: ReadonlySet<string>): number => [...asked].filter((word) => words.has(word)).length;
  // Whose it is tells more than what it is.
  return count(about) + 2 * count(subject);
}

function wordsOf(text: string): ReadonlySet<string> {
  const words = matchKey(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !plainWords.has(word)).map(stem));
}
