/** Judging adapters: the full evaluation that a person asks for, and the quick one after a training. */
import type { Database } from 'better-sqlite3';
import type {
  AgainstBase,
  ArmName,
  ArmResult,
  Question,
  Verdict,
} from '../../contract/entities/evaluation.ts';
import type { MergedRecall } from '../../contract/entities/interchange.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Progress } from '../../contract/entities/job.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock, Generation, LoadedModel, ModelRuntime, Trainer } from '../dependencies.ts';
import { trainableFacts } from '../datasets/untaught.ts';
import { keyOfQuestion } from '../datasets/lesson-key.ts';
import type { Kinds } from '../facts/kinds.ts';
import { takeInSlices, type Steps } from '../util/slices.ts';
import { bridgeBudget, chooseBridged } from '../ledger/bridge.ts';
import type { KnownGenerations } from '../models/routing.ts';
import type { Templates } from '../variations/templates.ts';
import type { Benchmarks } from './benchmarks.ts';
import { evaluateArm } from './evaluate-arm.ts';
import { createEvaluationStore } from './evaluation-store.ts';
import { toldValues } from './failure-kind.ts';
import { decideStandaloneVerdict, decideVerdict } from './gate.ts';
import { compareRecall } from './merged-recall.ts';
import { factResults, toRate } from './metrics.ts';
import { measurePerplexity } from './perplexity.ts';
import { readQuestionFile } from './question-file.ts';
import {
  heldOutQuestions,
  probeQuestions,
  questionSetSteps,
  quickGroups,
  tunedOnlyGroups,
} from './question-set.ts';

export type EvaluationServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly runtime: ModelRuntime;
  readonly trainer: Pick<Trainer, 'score'>;
  readonly kinds: Kinds;
  readonly systemText: string;
  /** Every fact, ended and derived ones included. */
  readonly listFacts: () => readonly Fact[];
  /** Keys of questions that their owner does not want asked. Defaults to none. */
  readonly vetoes?: () => ReadonlySet<string>;
  readonly loadTemplates: () => Templates;
  readonly loadBenchmarks: () => Benchmarks;
  /** Checks that the file is there and gives the adapter; undefined: the newest. */
  readonly findAdapter: (idOrPrefix: string | undefined) => Adapter | undefined;
  /** The base of an adapter or, without one, the default base; checked to be unchanged. */
  readonly resolveBase: (adapter: Adapter | undefined) => Promise<BaseModel>;
  /** Facts that an adapter has proved to know; they do not ride in the prompt of the served arm. */
  readonly provedIds: (adapter: Adapter | undefined) => ReadonlySet<string>;
};

export type EvaluateRequest = {
  readonly adapter?: string | undefined;
  readonly arm: ArmName | 'all';
  /** JSON Lines of own questions in place of the app's. */
  readonly questionsFile?: string | undefined;
  /** Few questions, for a first look that proves nothing. */
  readonly quick?: boolean | undefined;
};

export type EvaluateOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: Progress) => void) | undefined;
};

export type EvaluationService = ReturnType<typeof createEvaluationService>;

const allArms: readonly ArmName[] = ['base', 'prompt', 'tuned', 'both'];
/** Arms that are nothing without an adapter. */
const adapterArms: readonly ArmName[] = ['tuned', 'both', 'standalone'];
const questionSeed = 42;
/** Share of the context that all facts may take in the arms that put them into the prompt. */
const factShare = 0.5;

/** Use cases of evaluation. */
/** Ids of facts that an adapter cannot know: told, or replaced, after its dataset was made. Of an imported one: none. */
function changedSince(adapter: Adapter, facts: readonly Fact[]): ReadonlySet<string> {
  const taught = new Set(adapter.factIds);
  if (taught.size === 0) return taught;
  const untaught = facts.filter((fact) => !taught.has(fact.id));
  return new Set(
    untaught.flatMap((fact) => [fact.id, ...(fact.supersedes === null ? [] : [fact.supersedes])]),
  );
}

export function createEvaluationService(input: EvaluationServiceInput) {
  const store = createEvaluationStore(input.db);
  const baseAnswers = new Map<string, Map<string, Generation>>();
  const adapterAnswers = new Map<string, Map<string, Generation>>();

  /** Greedy answers of this process are used again: the same base, adapter file and prompt give the same answer. */
  function knownOf(model: LoadedModel, adapter: Adapter | undefined): KnownGenerations {
    return {
      base: getOrMake(baseAnswers, model.file),
      adapter: getOrMake(adapterAnswers, `${model.file} ${adapter?.file ?? ''}`),
    };
  }

  /** Without those that their owner does not want. */
  function wanted(questions: readonly Question[]): Question[] {
    const vetoes = input.vetoes?.() ?? new Set<string>();
    return vetoes.size === 0
      ? [...questions]
      : questions.filter((question) => !vetoes.has(keyOfQuestion(question)));
  }

  async function ownQuestions(benchmarks: Benchmarks, isQuick: boolean): Promise<Question[]> {
    const { kinds, loadTemplates } = input;
    const templates = loadTemplates();
    const size = isQuick ? 'small' : 'full';
    const all = input.listFacts();
    const untaught = all.filter((fact) => fact.neverTrain);
    const questionInput = { untaught, kinds, templates, benchmarks, seed: questionSeed, size } as const;
    return wanted(await takeInSlices(questionSetSteps({ facts: trainableFacts(all), ...questionInput })));
  }

  function statementsFor(arm: ArmName, adapter: Adapter | undefined, model: LoadedModel) {
    const facts = input.listFacts();
    const isServed = arm === 'served';
    const provedIds = isServed ? input.provedIds(adapter) : new Set<string>();
    const budgetTokens = isServed
      ? bridgeBudget(model.contextLength)
      : Math.floor(model.contextLength * factShare);
    return (question: string): readonly string[] =>
      chooseBridged({
        facts,
        provedIds,
        question,
        budgetTokens,
        countTokens: (text) => model.encodeText(text).length,
        kinds: input.kinds,
        narrowing: isServed ? 'plain' : 'none',
      }).statements;
  }

  async function runArm(
    arm: ArmName,
    questions: readonly Question[],
    parts: { model: LoadedModel; adapter: Adapter | undefined; benchmarks: Benchmarks; questionSet: string },
    { signal, report }: EvaluateOptions,
  ): Promise<ArmResult> {
    const { model, adapter, benchmarks } = parts;
    return evaluateArm(
      {
        model,
        arm,
        adapterFile: adapter?.file ?? null,
        adapterId: adapter?.id ?? null,
        objective: adapter?.objective ?? 'routed',
        questions,
        systemText: input.systemText,
        statementsFor: statementsFor(arm, adapter, model),
        score: {
          abstentionPatterns: benchmarks.abstentionPatterns,
          storedValues: [...new Set(input.listFacts().map((fact) => fact.value))],
        },
        told: toldValues(input.listFacts()),
        known: knownOf(model, adapter),
      },
      {
        ...(signal === undefined ? {} : { signal }),
        report: (done, total) => report?.({ done, total, unit: 'questions', title: `Asking: ${arm}` }),
      },
    );
  }

  /** What an adapter without routing keeps of the base: the same general questions to both, and the shipped prose. */
  async function compareWithBase(
    result: ArmResult,
    questions: readonly Question[],
    parts: { model: LoadedModel; adapter: Adapter; benchmarks: Benchmarks; questionSet: string },
    options: EvaluateOptions,
  ): Promise<AgainstBase> {
    const checkable = questions.filter((each) => each.kind === 'general' && each.expected.length > 0);
    const plain = await runArm('base', checkable, parts, options);
    options.report?.({ done: 0, total: null, unit: 'phases', title: 'Reading the shipped prose' });
    const perplexity = await measurePerplexity(
      {
        trainer: input.trainer,
        model: parts.model,
        adapterFile: parts.adapter.file,
        passages: parts.benchmarks.prose,
      },
      options,
    );
    const none = toRate(0, 0);
    const ability = {
      tuned: result.groups['general-ability'] ?? none,
      base: plain.groups['general-ability'] ?? none,
    };
    return { ability, perplexity };
  }

  function save(
    result: ArmResult,
    questionSet: string,
    verdict: Verdict | null,
    { id: baseModelId }: BaseModel,
  ): void {
    const id = input.newId();
    const createdAt = input.clock.now();
    input.db.transaction(() => {
      store.insert({ id, adapterId: result.adapterId, questionSet, result, verdict, createdAt, baseModelId });
    })();
  }

  return {
    /** One arm, or each of base, prompt, tuned and both. */
    evaluate: async (
      request: EvaluateRequest,
      options: EvaluateOptions = {},
    ): Promise<ArmResult | { arms: Record<string, ArmResult> }> => {
      const benchmarks = input.loadBenchmarks();
      const own = request.questionsFile === undefined ? undefined : readQuestionFile(request.questionsFile);
      const arms = request.arm === 'all' ? allArms : [request.arm];
      const adapter = input.findAdapter(request.adapter);
      if (adapter === undefined && arms.some((arm) => adapterArms.includes(arm))) {
        throw new AppError('not-found', 'There is no adapter to evaluate yet.', {
          hint: 'Train one with: keepsake train',
        });
      }
      const base = await input.resolveBase(adapter);
      const model = await input.runtime.load(base.file, toSignal(options));
      const questions = own ?? (await ownQuestions(benchmarks, request.quick === true));
      const questionSet = own !== undefined ? 'own' : request.quick === true ? 'small' : 'full';
      const results: Record<string, ArmResult> = {};
      for (const arm of arms) {
        const asked = own ?? questionsOfArm(questions, arm);
        const parts = { model, adapter, benchmarks, questionSet };
        const taken = takenArm(arm, adapter);
        const answered = await runArm(taken, asked, parts, options);
        const result: ArmResult =
          taken !== 'standalone' || adapter === undefined || own !== undefined
            ? answered
            : {
                ...answered,
                againstBase: await compareWithBase(answered, asked, { ...parts, adapter }, options),
              };
        save(result, questionSet, null, base);
        results[taken] = result;
      }
      const single = request.arm === 'all' ? undefined : Object.values(results)[0];
      return single ?? { arms: results };
    },

    /** The gate after a training, and each fact's share of right test answers for the ledger. */
    judge: async (
      adapter: Adapter,
      base: BaseModel,
      options: EvaluateOptions & { readonly quick?: boolean } = {},
    ): Promise<{
      verdict: Verdict;
      facts: ReturnType<typeof factResults>;
      right: number;
      asked: number;
    }> => {
      const benchmarks = input.loadBenchmarks();
      const model = await input.runtime.load(base.file, toSignal(options));
      const since = changedSince(adapter, input.listFacts());
      const all = await ownQuestions(benchmarks, options.quick === true);
      const questions = all.filter(
        (each) => quickGroups.includes(each.group) && !(each.factId !== undefined && since.has(each.factId)),
      );
      const parts = { model, adapter, benchmarks, questionSet: 'quick' };
      if (adapter.objective === 'standalone') {
        const alone = await runArm('standalone', questions, parts, options);
        const againstBase = await compareWithBase(alone, questions, parts, options);
        const verdict = decideStandaloneVerdict(alone, againstBase);
        save({ ...alone, againstBase }, 'quick', verdict, base);
        const right = alone.answers.filter((answer) => answer.right).length;
        return { verdict, facts: factResults(alone.answers), right, asked: alone.answers.length };
      }
      const tuned = await runArm('tuned', questions, parts, options);
      const general = questions.filter((each) => each.kind === 'general');
      const plain = await runArm('base', general, parts, options);
      const verdict = decideVerdict(tuned, plain);
      save(tuned, options.quick === true ? 'small' : 'quick', verdict, base);
      // For the comparison question by question in a report.
      if (options.quick !== true) save(plain, 'quick', null, base);
      const right = tuned.answers.filter((answer) => answer.right).length;
      return { verdict, facts: factResults(tuned.answers), right, asked: tuned.answers.length };
    },

    /** Ids of the facts whose probe questions are not all answered right; these steer repairs, never the gate. */
    probe: async (adapter: Adapter, base: BaseModel, options: EvaluateOptions = {}): Promise<string[]> => {
      const benchmarks = input.loadBenchmarks();
      const model = await input.runtime.load(base.file, toSignal(options));
      const facts = trainableFacts(input.listFacts());
      const questions = wanted(
        probeQuestions({ facts, kinds: input.kinds, templates: input.loadTemplates() }),
      );
      const parts = { model, adapter, benchmarks, questionSet: 'probe' };
      const { answers } = await runArm('tuned', questions, parts, options);
      const wrong = answers.filter((answer) => !answer.right);
      return [...new Set(wrong.flatMap((answer) => answer.factId ?? []))];
    },

    /** A merged model beside base + adapter, asked about the facts; null when there is no fact to ask for. */
    compareMerged: async (
      adapter: Adapter,
      base: BaseModel,
      mergedFile: string,
      options: EvaluateOptions = {},
    ): Promise<MergedRecall | null> => {
      const benchmarks = input.loadBenchmarks();
      const questions = (await ownQuestions(benchmarks, true)).filter(
        // Those with a bridge are asked with a statement, which other programs do not send.
        (each) => each.kind !== 'general' && each.bridge === undefined,
      );
      if (!questions.some((each) => each.kind === 'recall')) return null;
      return compareRecall(
        {
          base: await input.runtime.load(base.file, toSignal(options)),
          adapterFile: adapter.file,
          merged: await input.runtime.load(mergedFile, toSignal(options)),
          questions,
          systemText: input.systemText,
          score: {
            abstentionPatterns: benchmarks.abstentionPatterns,
            storedValues: [...new Set(input.listFacts().map((fact) => fact.value))],
          },
        },
        {
          ...toSignal(options),
          report: (done, total) =>
            options.report?.({ done, total, unit: 'questions', title: 'Testing the merged model' }),
        },
      );
    },

    /** Throws when a shipped question file is missing or changed; asked before hours are spent on training. */
    assertBenchmarks: (): void => {
      input.loadBenchmarks();
    },

    generalByAdapter: () => store.generalByAdapter(),
    /** The next test's questions about some facts, in steps, unwanted ones too; the other facts count as told. */
    heldOut: (facts: readonly Fact[], others: readonly Fact[]): Steps<Question[]> =>
      heldOutQuestions({
        facts,
        untaught: others,
        kinds: input.kinds,
        templates: input.loadTemplates(),
        benchmarks: input.loadBenchmarks(),
        seed: questionSeed,
      }),
    reports: (adapterId: string) => store.listByAdapter(adapterId),
  };
}

/** The adapter as it serves: one that hands nothing over is its own arm. */
function takenArm(arm: ArmName, adapter: Adapter | undefined): ArmName {
  return arm === 'tuned' && adapter?.objective === 'standalone' ? 'standalone' : arm;
}

/** What only a trained adapter can be asked is left out of the other arms. */
function questionsOfArm(questions: readonly Question[], arm: ArmName): readonly Question[] {
  const hasAdapter = arm !== 'base' && arm !== 'prompt';
  return hasAdapter ? questions : questions.filter((each) => !tunedOnlyGroups.includes(each.group));
}

function toSignal({ signal }: EvaluateOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function getOrMake(maps: Map<string, Map<string, Generation>>, key: string): Map<string, Generation> {
  const found = maps.get(key) ?? new Map<string, Generation>();
  maps.set(key, found);
  return found;
}
