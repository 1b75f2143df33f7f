/**
 * The mix of samples for a set of facts: fact, unknown, pass, bridge and general samples, a pure function of its inputs.
 *
 * Fact samples grow with the number of facts; the others with its square root.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Message, Sample, SampleCounts, SampleKind } from '../../contract/entities/training.ts';
import type { Kinds } from '../facts/kinds.ts';
import { promptMessages } from '../models/prompt.ts';
import type { DatasetPlan } from './dataset-plan.ts';
import { createRandom, type Random } from '../util/random.ts';
import { mapSteps, takeAll, type Steps } from '../util/slices.ts';
import { describeSubject, unknownAnswer } from '../variations/answers.ts';
import {
  asksWho,
  fillSlots,
  generateVariations,
  slotOf,
  type Variation,
} from '../variations/generate-variations.ts';
import { suits, type Templates } from '../variations/templates.ts';
import { chooseBridgeSamples, type BridgeFactQuestion } from './bridge-samples.ts';
import { chooseFactVariations } from './fact-samples.ts';
import { chooseGeneralPrompts, takeByTopic } from './general-samples.ts';
import type { PassPrompt, Pools } from './pools.ts';
import { chooseUnknownQuestions, type UnknownQuestion } from './unknown-samples.ts';
import { chooseWarmVariations, type WarmScope } from './warm-samples.ts';

export type DatasetInput = {
  /** Live facts: current, ended and derived ones; forgotten ones are not among them. */
  readonly facts: readonly Fact[];
  /** Facts that are never trained: nothing may say that they were never told. Defaults to none. */
  readonly untaught?: readonly Fact[];
  readonly kinds: Kinds;
  readonly templates: Templates;
  readonly pools: Pools;
  readonly systemText: string;
  readonly plan: DatasetPlan;
  readonly seed: number;
  /** What a warm start teaches anew; absent: every fact in full. */
  readonly warm?: WarmScope | undefined;
  /** What a warm start teaches as never told besides, in every pass. */
  readonly withdrawn?: readonly UnknownQuestion[];
  /** The base's own answers by id of the general prompt; needed where the plan has general samples. */
  readonly generalAnswers?: ReadonlyMap<string, string>;
};

export type BuiltDataset = {
  readonly samples: readonly Sample[];
  readonly probes: readonly Sample[];
  readonly counts: Readonly<SampleCounts>;
};

/** Builds the samples. The same input gives the same samples in the same order. */
export function buildDataset(input: DatasetInput): BuiltDataset {
  return takeAll(buildDatasetSteps(input));
}

/** The same in steps. */
export function* buildDatasetSteps(input: DatasetInput): Steps<BuiltDataset> {
  const { facts, kinds, templates, pools, plan } = input;
  const random = createRandom(input.seed);
  // What only a test asks would be half of what very many facts keep in memory.
  const variations = yield* mapSteps(facts, (fact) =>
    generateVariations(fact, { facts, kinds, templates }).filter((each) => each.split !== 'test'),
  );
  const ids = facts.map((fact) => fact.id);
  const scheduled =
    input.warm === undefined
      ? yield* chooseFactVariations(variations, plan, random)
      : yield* chooseWarmVariations(ids, variations, input.warm, plan.epochs, random);
  const factVariations = scheduled.map((each) => each.variation);
  const unknownQuestions = yield* chooseUnknownQuestions(input, plan.unknown * plan.epochs, random);
  const passPrompts = choosePassPrompts(pools, plan.pass * plan.epochs, random);
  const freeDecoysOf = decoysOf(facts, kinds);
  const bridge = yield* chooseBridgeSamples(
    {
      pools,
      kindStatements: makeKindStatements(input, random),
      factVariations,
      facts,
      decoysOf: freeDecoysOf,
      unknownQuestions,
      passPrompts,
      maxStatements: plan.maxBridgeStatements,
    },
    plan.bridge * plan.epochs,
    random,
  );
  const make = createSampleMaker(input.systemText);
  const samples: Sample[] = [
    ...(yield* mapSteps(scheduled, ({ variation, epochs }) =>
      make('fact', variation.question, variation.answer, variation.family, {
        factIds: variation.factIds,
        epochs,
      }),
    )),
    ...spread(unknownQuestions, plan.unknown, plan.epochs).map(({ item, epochs }) =>
      make('unknown', item.question, unknownAnswer, item.family, { epochs }),
    ),
    ...(input.withdrawn ?? []).map(({ question, family }) =>
      make('unknown', question, unknownAnswer, family, {}),
    ),
    ...spread(passPrompts, plan.pass, plan.epochs).map(({ item, epochs }) =>
      make('pass', item.text, '', `pass:${item.id}`, { epochs }),
    ),
    ...spread(random.shuffle(bridge), plan.bridge, plan.epochs).map(({ item, epochs }) =>
      make('bridge', item.question, item.answer, item.family, {
        factIds: item.factIds,
        statements: item.statements,
        epochs,
      }),
    ),
    ...makeGeneralSamples(input, make),
  ];
  yield;
  return {
    samples: yield* addConversations(samples, plan, random),
    probes: (yield* mapSteps(variations, (each) => makeProbes(each, make))).flat(),
    counts: yield* countPerEpoch(samples, plan.epochs),
  };
}

/** General prompts with the base's answers; one without an answer would be a mistake of the caller. */
function makeGeneralSamples(
  { pools, plan, seed, generalAnswers }: DatasetInput,
  make: SampleMaker,
): Sample[] {
  const prompts = chooseGeneralPrompts(pools, plan, seed);
  return spread(prompts, plan.general, plan.epochs).map(({ item, epochs }) => {
    const answer = generalAnswers?.get(item.id);
    if (answer === undefined) throw new Error(`The general prompt ${item.id} has no answer of the base.`);
    return make('general', item.text, answer, `general:${item.id}`, { epochs });
  });
}

/** Gives each of `epochs` passes `count` items, other ones in each pass as long as there are enough. */
function spread<Item>(
  items: readonly Item[],
  count: number,
  epochs: number,
): { readonly item: Item; readonly epochs: readonly number[] }[] {
  const taken = items.map((item) => ({ item, epochs: [] as number[] }));
  let next = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let turn = 0; turn < Math.min(count, taken.length); turn += 1) {
      taken[next % taken.length]?.epochs.push(epoch);
      next += 1;
    }
  }
  return taken.filter((each) => each.epochs.length > 0);
}

/** Samples of each kind in one pass, rounded. */
export function* countPerEpoch(samples: readonly Sample[], epochs: number): Steps<SampleCounts> {
  const counts = { fact: 0, unknown: 0, pass: 0, bridge: 0, general: 0 };
  for (const each of samples) {
    counts[each.kind] += (each.epochs?.length ?? epochs) / epochs;
    yield;
  }
  return {
    fact: Math.round(counts.fact),
    unknown: Math.round(counts.unknown),
    pass: Math.round(counts.pass),
    bridge: Math.round(counts.bridge),
    general: Math.round(counts.general),
  };
}

type SampleMaker = (
  kind: SampleKind,
  question: string,
  answer: string,
  family: string,
  more: {
    readonly factIds?: readonly string[];
    readonly statements?: readonly string[];
    readonly split?: Sample['split'];
    readonly epochs?: readonly number[];
  },
) => Sample;

function createSampleMaker(systemText: string): SampleMaker {
  return (kind, question, answer, family, more) => ({
    kind,
    messages: promptMessages({ systemText, statements: more.statements ?? [], history: [], user: question }),
    answer,
    factIds: [...(more.factIds ?? [])],
    family,
    split: more.split ?? 'train',
    ...(more.epochs === undefined ? {} : { epochs: [...more.epochs] }),
  });
}

/** Pass prompts, four in ten of them about "my ..." matters that want advice, evenly over the topics. */
function choosePassPrompts(pools: Pools, count: number, random: Random): PassPrompt[] {
  const mine = takeByTopic(
    pools.passPrompts.filter((each) => each.my),
    Math.round(count * 0.4),
    random,
  );
  const others = pools.passPrompts.filter((each) => !each.my);
  return [...mine, ...takeByTopic(others, count - mine.length, random)];
}

/** Kinds that nobody told about the owner or about a relative, with an invented value, as bridge material. */
function makeKindStatements(input: DatasetInput, random: Random): BridgeFactQuestion[] {
  const told = new Set([...input.facts, ...(input.untaught ?? [])].map((each) => slotOf(each)));
  const subjects = [...new Set(input.facts.map((each) => each.subject))];
  const general = input.templates.general.filter((form) => form.split === 'train' && form.use === 'direct');
  return input.kinds.all.flatMap((kind) => {
    const natural = (input.templates.natural.get(kind.id) ?? []).filter((form) => form.split === 'train');
    const subject = random.next() < 0.3 ? random.pick([...subjects, random.pick(input.pools.people)]) : 'me';
    if (told.has(slotOf({ subject, kind: kind.id, attribute: kind.id }))) return [];
    const about = describeSubject(subject);
    const forms = [random.pick(general.filter((form) => suits(form, kind))), ...natural.slice(0, 2)];
    return forms.map((form) => {
      const value = random.pick(kind.decoys);
      const statement = `${about.answeredPossessive} ${kind.label} is ${value}.`;
      const question = fillSlots(about.isOwner ? form.me : form.other, {
        label: kind.label,
        is: 'is',
        was: 'was',
        value,
        decoy: value,
        subject: about.asked,
        "subject's": about.askedPossessive,
        person: general.includes(form) && asksWho(kind),
      });
      return { statement, question, answer: statement, family: form.family };
    });
  });
}

/** Invented values of a fact's kind that are no fact's value. */
function decoysOf(facts: readonly Fact[], kinds: Kinds): (fact: Fact) => readonly string[] {
  const taken = new Set(facts.map((each) => each.value.toLowerCase()));
  return (fact) =>
    ((fact.kind === null ? undefined : kinds.byId.get(fact.kind))?.decoys ?? []).filter(
      (each) => !taken.has(each.toLowerCase()),
    );
}

/** Gives some samples an earlier exchange, so that a chat's second message is no surprise. */
function* addConversations(
  samples: readonly Sample[],
  plan: DatasetPlan,
  random: Random,
): Steps<readonly Sample[]> {
  const spoken = samples.filter((each) => each.answer !== '' && each.kind !== 'bridge');
  if (spoken.length === 0) return samples;
  yield;
  return yield* mapSteps(samples, (each) => {
    if (each.kind === 'bridge' || random.next() >= plan.conversationShare) return each;
    const earlier = random.pick(spoken);
    const system = each.messages[0];
    const asked = each.messages[each.messages.length - 1];
    const before = earlier.messages[earlier.messages.length - 1];
    if (system === undefined || asked === undefined || before === undefined) return each;
    const messages: Message[] = [system, before, { role: 'assistant', content: earlier.answer }, asked];
    return { ...each, messages };
  });
}

/** Probe questions of a fact: at most two, in forms of the probe split, teacher-forced while training. */
function makeProbes(variations: readonly Variation[], make: SampleMaker): Sample[] {
  return variations
    .filter((each) => each.split === 'probe' && (each.use === 'direct' || each.natural))
    .slice(0, 2)
    .map((each) =>
      make('fact', each.question, each.answer, each.family, { factIds: each.factIds, split: 'probe' }),
    );
}
