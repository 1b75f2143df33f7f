/**
 * What an adapter is asked: questions about the facts in forms that no training saw, and the shipped questions.
 *
 * A pure function of facts, forms and shipped files. Questions about facts come from the fixed splits; shipped ones
 * about things that the user did tell are left out.
 */
import type { Question } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import { findKind, labelOf, type Kinds } from '../facts/kinds.ts';
import { createRandom, hashText, type Random } from '../util/random.ts';
import { mapSteps, takeAll, type Steps } from '../util/slices.ts';
import { matchKey } from '../util/text.ts';
import { generateVariations, type Variation } from '../variations/generate-variations.ts';
import type { Templates } from '../variations/templates.ts';
import type { Benchmarks } from './benchmarks.ts';
import { testGroups } from './metrics.ts';
import { makeBridgeQuestions } from './bridge-questions.ts';

export type QuestionSetInput = {
  /** Live facts: current, ended and derived ones. */
  readonly facts: readonly Fact[];
  /** Facts that are told and never trained: not asked for, and not taken for unknown. Defaults to none. */
  readonly untaught?: readonly Fact[];
  readonly kinds: Kinds;
  readonly templates: Templates;
  readonly benchmarks: Benchmarks;
  readonly seed: number;
  /** `small` for a first look; defaults to `full`, what the gate and the report need. */
  readonly size?: 'full' | 'small';
};

const directPerFact = 5;
const embeddedPerFact = 1;
const formerPerFact = 2;
/** With the two above five, which is what it takes to leave the prompt. */
const pastPerFact = 3;
const naturalPerFact = 2;

/** How many questions of each group that does not grow with the facts. */
export type QuestionCounts = {
  readonly confusable: number;
  readonly unknown: number;
  readonly otherPeople: number;
  /** General questions with a known answer, and without one. */
  readonly ability: number;
  readonly chatter: number;
  readonly advice: number;
  /** Of each of the three sets. */
  readonly bridge: number;
};

const fullCounts: QuestionCounts = {
  confusable: 48,
  unknown: 56,
  otherPeople: 48,
  ability: 104,
  chatter: 16,
  advice: 48,
  bridge: 46,
};

/** A taste that proves nothing. */
const smallCounts: QuestionCounts = {
  confusable: 8,
  unknown: 16,
  otherPeople: 8,
  ability: 16,
  chatter: 4,
  advice: 8,
  bridge: 8,
};

/** Groups that judge an adapter when it was just trained: the gate's and the ledger's questions. */
export const quickGroups: readonly string[] = [...testGroups, 'unknown', 'general'];

/** Groups that only a trained adapter can be asked with sense. */
export const tunedOnlyGroups: readonly string[] = [
  'seen',
  'probe',
  'reverse',
  'yes',
  'no',
  'temporal',
  'former',
  'bridge-new',
  'bridge-contradict',
  'bridge-beside',
];

/** Builds the whole set. The same input gives the same questions in the same order. */
export function buildQuestionSet(input: QuestionSetInput): Question[] {
  return takeAll(questionSetSteps(input));
}

/** The same in steps. */
export function* questionSetSteps(input: QuestionSetInput): Steps<Question[]> {
  const counts = input.size === 'small' ? smallCounts : fullCounts;
  const random = createRandom(input.seed);
  const draw = (questions: readonly Question[], count: number): Question[] =>
    random.shuffle(questions).slice(0, count);
  const { advice, general, otherPeople } = input.benchmarks;
  const byFact = yield* mapSteps(input.facts, (fact) => ({
    fact,
    variations: generateVariations(fact, input),
  }));
  const perFact = (yield* mapSteps(byFact, ({ fact, variations }) =>
    questionsOfFact(fact, variations),
  )).flat();
  const confusable = yield* confusableQuestions(byFact, perFact, counts.confusable);
  const subjects = yield* subjectsOf(allTold(input));
  const questions = [
    ...perFact,
    ...confusable,
    ...unknownQuestions(input, random, counts.unknown),
    ...draw(
      otherPeople.filter((question) => !namesSubject(question, subjects)),
      counts.otherPeople,
    ),
    ...draw(
      general.filter((question) => question.expected.length > 0),
      counts.ability,
    ),
    ...draw(
      general.filter((question) => question.expected.length === 0),
      counts.chatter,
    ),
    ...draw(advice, counts.advice),
    ...makeBridgeQuestions(byFact, { ...input, facts: allTold(input) }, random, counts.bridge),
  ];
  return [...new Map(questions.map((question) => [question.id, question])).values()];
}

/** The questions about facts, and about what was never told, that every new version is put to: never taught. */
export function* heldOutQuestions(input: QuestionSetInput): Steps<Question[]> {
  const ofFacts = yield* mapSteps(input.facts, (fact) =>
    questionsOfFact(fact, generateVariations(fact, input)),
  );
  const questions = [
    ...ofFacts.flat(),
    // The first draw from the seed, as in the whole set.
    ...unknownQuestions(input, createRandom(input.seed), fullCounts.unknown),
  ].filter((question) => quickGroups.includes(question.group));
  return [...new Map(questions.map((question) => [question.id, question])).values()];
}

function allTold({ facts, untaught = [] }: QuestionSetInput): readonly Fact[] {
  return [...facts, ...untaught];
}

/** At most two probe questions of each fact in force; repairs are steered by them. */
export function probeQuestions(input: Pick<QuestionSetInput, 'facts' | 'kinds' | 'templates'>): Question[] {
  return input.facts
    .filter((fact) => fact.current)
    .flatMap((fact) =>
      generateVariations(fact, input)
        .filter((each) => each.split === 'probe' && each.use === 'direct')
        .sort((left, right) => Number(right.natural) - Number(left.natural))
        .slice(0, 2)
        .map((variation) => toQuestion(variation, 'probe')),
    );
}

/** A question about a fact from one of its variations. */
export function toQuestion(variation: Variation, group: string): Question {
  return {
    id: `${group}/${variation.factId}/${variation.family}`,
    question: variation.question,
    expected: [...variation.expected],
    // A wrong decoy that is confirmed would still hold the right value somewhere.
    forbidden: variation.use === 'no' ? [...variation.forbidden, 'yes'] : [...variation.forbidden],
    kind: 'recall',
    group,
    factId: variation.factId,
  };
}

/** What decides which forms of a fact are asked: the claim and not its id, so that every folder asks the same. */
function claimOf(fact: Fact): string {
  return [fact.subject, fact.kind ?? fact.attribute, fact.value, fact.validFrom ?? ''].join('\n');
}

function questionsOfFact(fact: Fact, variations: readonly Variation[]): Question[] {
  const random = createRandom(hashText(claimOf(fact)));
  const take = (group: string, count: number, wanted: (variation: Variation) => boolean): Question[] =>
    random
      .shuffle(variations.filter(wanted))
      .slice(0, count)
      .map((variation) => toQuestion(variation, group));
  const isTest = (variation: Variation): boolean => variation.split === 'test';
  const isPlain = (variation: Variation): boolean => variation.use === 'direct' && !variation.natural;
  return [
    ...take('seen', 1, (each) => each.split === 'train' && each.use === 'direct'),
    ...take('probe', 1, (each) => each.split === 'probe' && each.use === 'direct'),
    ...take('test', directPerFact, (each) => isTest(each) && isPlain(each)),
    ...take('test', embeddedPerFact, (each) => isTest(each) && each.use === 'embedded'),
    // A former value is asked for by the fact that replaced it; these are the tests of the former one.
    ...take('test', formerPerFact, (each) => isTest(each) && each.use === 'former'),
    ...take('natural', naturalPerFact, (each) => isTest(each) && each.natural),
    ...take('reverse', 1, (each) => isTest(each) && each.use === 'reverse'),
    ...take('yes', 1, (each) => isTest(each) && each.use === 'yes'),
    ...take('no', 1, (each) => isTest(each) && each.use === 'no'),
    ...take('temporal', 2, (each) => isTest(each) && (each.use === 'former' || each.use === 'since')),
    ...take('former', pastPerFact, (each) => isTest(each) && each.use === 'past'),
  ];
}

/** Facts whose attribute has another value for another subject or time, asked in test forms not yet used. */
function* confusableQuestions(
  byFact: readonly { fact: Fact; variations: readonly Variation[] }[],
  used: readonly Question[],
  count: number,
): Steps<Question[]> {
  const usedTexts = new Set(used.map((question) => question.question));
  const lists = yield* mapSteps(byFact, ({ fact, variations }) =>
    createRandom(hashText(`confusable ${claimOf(fact)}`))
      .shuffle(
        variations.filter(
          (each) =>
            each.split === 'test' && each.forbidden.length > 0 && ['direct', 'former'].includes(each.use),
        ),
      )
      .sort((left, right) => Number(usedTexts.has(left.question)) - Number(usedTexts.has(right.question))),
  );
  const chosen: Question[] = [];
  for (let round = 0; chosen.length < count && lists.some((list) => list.length > round); round += 1) {
    for (const list of lists) {
      const variation = list[round];
      if (variation !== undefined) chosen.push(toQuestion(variation, 'confusable'));
    }
  }
  return chosen.slice(0, count);
}

/** Unknown attributes that the user indeed never told, under any of their names. */
function unknownQuestions(input: QuestionSetInput, random: Random, count: number): Question[] {
  const told = new Set(
    allTold(input).flatMap((fact) => {
      const kind = findKind(input.kinds, fact.attribute);
      const names = [
        fact.attribute,
        labelOf(input.kinds, fact),
        kind?.label,
        kind?.plural,
        ...(kind?.aliases ?? []),
      ];
      return names.flatMap((name) => (name === undefined ? [] : [matchKey(name)]));
    }),
  );
  const open = input.benchmarks.unknown.filter((each) =>
    [each.label, ...each.aliases].every((name) => !told.has(matchKey(name))),
  );
  return random
    .shuffle(open)
    .slice(0, count)
    .map(({ id, question, expected, forbidden, kind, group }) => ({
      id,
      question,
      expected,
      forbidden,
      kind,
      group,
    }));
}

/** Whom facts are about beside their owner, each once. */
function* subjectsOf(facts: readonly Fact[]): Steps<readonly string[]> {
  const subjects = new Set(facts.flatMap((fact) => (fact.subject === 'me' ? [] : [fact.subject])));
  return yield* mapSteps([...subjects], matchKey);
}

function namesSubject(question: Question, subjects: readonly string[]): boolean {
  const text = matchKey(question.question);
  return subjects.some((subject) => text.includes(subject));
}
