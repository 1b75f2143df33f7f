/**
 * The facts that ride in the prompt: those that the active adapter has not proved, up to a budget of tokens.
 *
 * A told fact rides while it is in force, a former one when it is dated; where its thing has a present value, only with a
 * question about the past. A derived fact follows from its parents and rides only where one of them is proved and thus
 * not in the prompt. Beyond the budget the facts that fit the question best ride, the rest waits. With a question that
 * asks for one thing and nothing else that thing rides alone: beside others a small model takes one for the other.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import { thingOf } from '../facts/draft-rules.ts';
import type { Kinds } from '../facts/kinds.ts';
import { bridgeBlock } from '../models/prompt.ts';
import { askedFacts } from './asked-facts.ts';
import { closestFacts } from './closest-facts.ts';
import { rankFacts } from './rank-facts.ts';

const largestBudget = 1500;
const shareOfContext = 0.25;

/** Tokens that bridged facts may take: at most 1500 and a quarter of the context. */
export function bridgeBudget(contextLength: number): number {
  return Math.min(largestBudget, Math.floor(contextLength * shareOfContext));
}

/** Tokens of a text without a model: one for each four bytes, rounded up; English needs about that. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

export type BridgeInput = {
  /** Every fact, ended and derived ones included. */
  readonly facts: readonly Fact[];
  /** Facts proved by the active adapter; empty where none is active. */
  readonly provedIds: ReadonlySet<string>;
  /** Picks the facts where not all fit. */
  readonly question: string;
  readonly budgetTokens: number;
  readonly countTokens: (text: string) => number;
  /** Lets other names of an attribute ("date of birth") find its facts. */
  readonly kinds?: Kinds;
  /**
   * What a question takes with it: `plain` = all that fit, or alone what a plain question asks for; `none` = all that fit,
   * as where all facts are in the prompt; `closest` = the few it seems to be about, for a base that no adapter has taught
   * to read the prompt. Defaults to `plain`.
   */
  readonly narrowing?: 'plain' | 'none' | 'closest';
  /** Wordings by which a fact of the user's own is asked for; for `closest`. */
  readonly wordingsOf?: (fact: Fact) => readonly string[];
};

export type Bridge = {
  readonly statements: readonly string[];
  /** Ids of the facts that ride, in the order of `statements`. */
  readonly factIds: readonly string[];
  /** Ids of the facts that need the prompt and do not ride with this question. */
  readonly waiting: readonly string[];
};

/** Chooses the facts for one question; those that ride keep the order of `facts`. */
export function chooseBridged(input: BridgeInput): Bridge {
  const needing = needingPrompt(input.facts, input.provedIds);
  const riding = asksPast(input.question, needing) ? needing : withoutReplaced(needing, input.facts);
  const { narrowing = 'plain', question } = input;
  const asked = narrowing === 'none' ? [] : askedFacts(question, riding, input.kinds);
  const alone = asked.length > 0 && asked.length < riding.length ? fill(asked, input) : null;
  if (alone !== null && alone.size === asked.length) return toBridge(riding, alone);
  if (narrowing === 'closest') {
    const closest = closestFacts({ ...input, facts: riding });
    if (closest.length < riding.length) return toBridge(riding, fill(closest, input));
  }
  const takesAll = fill(riding, input);
  if (takesAll.size === riding.length) return toBridge(riding, takesAll);
  return toBridge(riding, fill(rankFacts(riding, input.question, input.kinds), input));
}

/** The facts that should ride, whatever the budget. */
export function needingPrompt(facts: readonly Fact[], provedIds: ReadonlySet<string>): Fact[] {
  const told = new Set(
    facts
      .filter((fact) => fact.source.type !== 'derived' && !provedIds.has(fact.id) && isSaid(fact))
      .map((fact) => fact.id),
  );
  return facts.filter((fact) => {
    if (fact.source.type !== 'derived') return told.has(fact.id);
    return fact.current && !provedIds.has(fact.id) && fact.source.parents.some((parent) => !told.has(parent));
  });
}

/** In force, or a dated value of the past; never the losing side of a conflict. */
function isSaid(fact: Fact): boolean {
  return fact.current || (fact.validTo !== null && fact.conflictsWith.length === 0);
}

/** True for a question that may be about what no longer is, of the user or of a person; an empty one stands for all. */
function asksPast(question: string, facts: readonly Fact[]): boolean {
  if (question.trim() === '') return true;
  const isPast =
    /\b(?:former(?:ly)?|previous(?:ly)?|before|used to|old|earlier|past|was|were|did(?! (?:i|we) (?:name|call)\b)|had|last|first|ex|until|till|once|ago|back|history|since|change[ds]?|no longer|any ?more|original(?:ly)?|prior)\b/iu.test(
      question,
    );
  // The history of bread is nobody's past.
  return isPast && (/\b(?:i|my|me|mine|we|our|us)\b/iu.test(question) || namesSubject(question, facts));
}

function namesSubject(question: string, facts: readonly Fact[]): boolean {
  const text = question.toLowerCase();
  const subjects = new Set(facts.filter((fact) => !fact.current).map((fact) => fact.subject.toLowerCase()));
  return [...subjects].some((subject) => text.includes(subject));
}

/** A former value of a thing that has a present one misleads: small models answer with it. */
function withoutReplaced(riding: readonly Fact[], facts: readonly Fact[]): readonly Fact[] {
  if (riding.every((fact) => fact.current)) return riding;
  const present = new Set(facts.filter((fact) => fact.current).map(thingOfFact));
  return riding.filter((fact) => fact.current || !present.has(thingOfFact(fact)));
}

function thingOfFact(fact: Fact): string {
  return thingOf(fact.subject, fact.attribute, fact.kind);
}

/** Takes facts in this order while they fit; one that is too long is passed over. */
function fill(facts: readonly Fact[], { budgetTokens, countTokens }: BridgeInput): ReadonlySet<string> {
  const taken = new Set<string>();
  // A line of the block never takes fewer tokens than this, so a full budget ends the search early.
  const smallestLine = 4;
  let left = budgetTokens;
  for (const fact of facts) {
    if (left < smallestLine) break;
    const block = bridgeBlock([fact.statement]);
    // The first fact brings the heading of the block with it.
    const cost = countTokens(taken.size === 0 ? block : `\n${block.slice(block.indexOf('\n') + 1)}`);
    if (cost > left) continue;
    taken.add(fact.id);
    left -= cost;
  }
  return taken;
}

function toBridge(riding: readonly Fact[], taken: ReadonlySet<string>): Bridge {
  const chosen = riding.filter((fact) => taken.has(fact.id));
  return {
    statements: chosen.map((fact) => fact.statement),
    factIds: chosen.map((fact) => fact.id),
    waiting: riding.filter((fact) => !taken.has(fact.id)).map((fact) => fact.id),
  };
}
