/**
 * Bridge samples: facts that ride in the system prompt, in the very format that serves.
 *
 * Five lessons: a bridged fact is read from the prompt; a trained fact is still known beside unrelated ones; a bridged
 * value beats the trained one; an unknown attribute stays unknown; a general prompt is still passed on.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import { unknownAnswer } from '../variations/answers.ts';
import type { Variation } from '../variations/generate-variations.ts';
import type { Random } from '../util/random.ts';
import type { Steps } from '../util/slices.ts';
import type { Pools } from './pools.ts';
import type { UnknownQuestion } from './unknown-samples.ts';

export type BridgeSample = {
  readonly statements: readonly string[];
  readonly question: string;
  readonly answer: string;
  readonly factIds: readonly string[];
  readonly family: string;
};

/** A statement that may ride in the prompt, and one way to ask for it. */
export type BridgeFactQuestion = {
  readonly statement: string;
  readonly question: string;
  readonly answer: string;
  readonly family: string;
};

export type BridgeContext = {
  readonly pools: Pools;
  /** Statements of kinds the user never told, with invented values, and how they are asked (training forms). */
  readonly kindStatements: readonly BridgeFactQuestion[];
  readonly factVariations: readonly Variation[];
  readonly facts: readonly Fact[];
  readonly decoysOf: (fact: Fact) => readonly string[];
  readonly unknownQuestions: readonly UnknownQuestion[];
  readonly passPrompts: readonly { id: string; text: string }[];
  /** Most statements in one block. */
  readonly maxStatements: number;
};

/** Share of each lesson; they sum to 1. */
const shares = { read: 0.42, beside: 0.2, contradict: 0.18, unknown: 0.12, pass: 0.08 } as const;
type Lesson = keyof typeof shares;

/** `count` bridge samples in fixed shares of the five lessons. */
export function* chooseBridgeSamples(
  context: BridgeContext,
  count: number,
  random: Random,
): Steps<BridgeSample[]> {
  const samples: BridgeSample[] = [];
  for (const lesson of Object.keys(shares) as Lesson[]) {
    const share = Math.round(count * shares[lesson]);
    for (let index = 0; index < share; index += 1) {
      const made = makeLesson(lesson, context, random);
      if (made !== undefined) samples.push(made);
      yield;
    }
  }
  return samples;
}

function makeLesson(lesson: Lesson, context: BridgeContext, random: Random): BridgeSample | undefined {
  const others = drawStatements(context, random, random.below(context.maxStatements));
  const beside = others.length > 0 ? others : drawStatements(context, random, 1);
  switch (lesson) {
    case 'read': {
      const target = drawFact(context, random);
      const statements = random.shuffle([
        target.statement,
        ...others.filter((each) => !sharesLabel(each, target.statement)),
      ]);
      return {
        statements,
        question: target.question,
        answer: target.answer,
        factIds: [],
        family: target.family,
      };
    }
    case 'beside': {
      if (context.factVariations.length === 0) return undefined;
      const known = random.pick(context.factVariations);
      const statements = beside.filter((each) => !sharesLabel(each, known.answer));
      return {
        statements,
        question: known.question,
        answer: known.answer,
        factIds: known.factIds,
        family: known.family,
      };
    }
    case 'contradict':
      return makeContradiction(context, others, random);
    case 'unknown': {
      if (context.unknownQuestions.length === 0) return undefined;
      const unknown = random.pick(context.unknownQuestions);
      // Only invented attributes ride here: one of a kind's own could be the very thing that is asked.
      const invented = { ...context, kindStatements: [] };
      const statements = drawStatements(invented, random, 1 + random.below(context.maxStatements));
      return {
        statements,
        question: unknown.question,
        answer: unknownAnswer,
        factIds: [],
        family: unknown.family,
      };
    }
    case 'pass': {
      if (context.passPrompts.length === 0) return undefined;
      const prompt = random.pick(context.passPrompts);
      return {
        statements: beside,
        question: prompt.text,
        answer: '',
        factIds: [],
        family: `pass:${prompt.id}`,
      };
    }
  }
}

const known = new WeakMap<BridgeContext['factVariations'], BridgeContext['factVariations']>();

/** Those that can be contradicted, looked for once. */
function usableOf(variations: BridgeContext['factVariations']): BridgeContext['factVariations'] {
  const found =
    known.get(variations) ??
    variations.filter(
      (each) => each.use === 'direct' && each.factIds.length === 1 && each.answer.includes(' is '),
    );
  known.set(variations, found);
  return found;
}

/** A trained fact whose value stands otherwise in the prompt: the prompt wins. */
function makeContradiction(
  context: BridgeContext,
  others: readonly string[],
  random: Random,
): BridgeSample | undefined {
  const usable = usableOf(context.factVariations);
  if (usable.length === 0) return undefined;
  const variation = random.pick(usable);
  const fact = context.facts.find((each) => each.id === variation.factId);
  if (fact === undefined || fact.source.type === 'derived' || !variation.answer.includes(fact.value))
    return undefined;
  const decoys = context.decoysOf(fact);
  if (decoys.length === 0) return undefined;
  const answer = variation.answer.replace(fact.value, () => random.pick(decoys));
  const statements = random.shuffle([answer, ...others.filter((each) => !sharesLabel(each, answer))]);
  return { statements, question: variation.question, answer, factIds: [], family: variation.family };
}

function drawFact(context: BridgeContext, random: Random): BridgeFactQuestion {
  if (context.kindStatements.length > 0 && random.next() < 0.5) return random.pick(context.kindStatements);
  const fact = random.pick(context.pools.bridgeFacts);
  const statement = fact.statement
    .replace('{label}', fact.label)
    .replace('{value}', () => random.pick(fact.values));
  return { statement, question: random.pick(fact.me), answer: statement, family: `bridge:${fact.label}` };
}

function drawStatements(context: BridgeContext, random: Random, count: number): string[] {
  const statements: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { statement } = drawFact(context, random);
    if (!statements.some((each) => sharesLabel(each, statement))) statements.push(statement);
  }
  return statements;
}

/** Two statements about the same attribute: equal up to the verb. */
function sharesLabel(left: string, right: string): boolean {
  const head = (text: string): string => text.split(/ (?:is|are) /)[0]?.toLowerCase() ?? text;
  return head(left) === head(right);
}
