import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armResult, type ArmResult } from '../../../electron/contract/entities/evaluation.ts';
import type { Objective } from '../../../electron/contract/entities/training.ts';
import { AppError } from '../../../electron/contract/errors.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { GenerateRequest, Generation, LoadedModel } from '../../../electron/core/dependencies.ts';
import { keyOfQuestion } from '../../../electron/core/datasets/lesson-key.ts';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { createEvaluationService } from '../../../electron/core/evaluation/evaluation-service.ts';
import { takeAll } from '../../../electron/core/util/slices.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { createFactApp, resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const benchmarks = loadBenchmarks(resourcesFolder);
const general = new Set([...benchmarks.general, ...benchmarks.advice].map((each) => each.question));
const unknown = new Set([...benchmarks.unknown, ...benchmarks.otherPeople].map((each) => each.question));

/** Its adapter knows the city, says so when it does not know, and passes what is general; its base knows nothing. */
function fakeModel(asked: GenerateRequest[]): LoadedModel {
  const prompts: { readonly system: string; readonly question: string }[] = [];
  const say = (request: GenerateRequest): Generation => {
    asked.push(request);
    const question = prompts[request.prompt[0] ?? -1]?.question ?? '';
    const passed = request.firstToken === 'detect-pass' && general.has(question);
    const learnt = unknown.has(question) ? "You haven't told me that yet." : 'Your city is Porto.';
    const text = passed ? '' : request.adapterFile === null ? 'Hm.' : learnt;
    return { text, tokens: [], stopped: true, passed };
  };
  return {
    file: '/base.gguf',
    contextLength: 4000,
    encodePrompt: (messages) => {
      prompts.push({ system: messages[0]?.content ?? '', question: messages.at(-1)?.content ?? '' });
      const last = prompts.at(-1);
      return [prompts.findIndex((each) => each.system === last?.system && each.question === last.question)];
    },
    encodeText: (text) => [...text.split(' ').keys()],
    decode: () => '',
    endOfTurn: 0,
    generate: (request) => Promise.resolve(say(request)),
    generateAll: (requests) => Promise.resolve(requests.map(say)),
  };
}

type Options = {
  readonly hasAdapter?: boolean;
  readonly benchmarksFail?: boolean;
  readonly objective?: Objective;
  /** Keys of questions that are not to be asked. */
  readonly vetoes?: () => ReadonlySet<string>;
  /** Perplexity on the shipped prose against the base's. */
  readonly ratio?: number;
};

function createService(options: Options = {}) {
  const asked: GenerateRequest[] = [];
  const { facts } = createFactApp();
  facts.add({ attribute: 'city', value: 'Porto' });
  const model = fakeModel(asked);
  let next = 0;
  const service = createEvaluationService({
    db: openMemoryDatabase(profileMigrations),
    clock: { now: () => 1 },
    newId: () => `evaluation-${(next += 1)}`,
    runtime: {
      load: () => Promise.resolve(model),
      releaseAdapter: () => Promise.resolve(),
      dispose: () => Promise.resolve(),
    },
    trainer: {
      score: ({ sequences }) =>
        Promise.resolve(
          sequences.map(({ id, tokens }) => {
            const n = tokens.length - 1;
            const logProbBase = -3 * n;
            const logProb = logProbBase - Math.log(options.ratio ?? 1.01) * n;
            return { id, tokens: n, logProb, logProbBase, divergence: 0.02 };
          }),
        ),
    },
    kinds: shippedKinds,
    systemText: 'System.',
    listFacts: () => facts.list(),
    ...(options.vetoes !== undefined && { vetoes: options.vetoes }),
    loadTemplates: () => loadTemplates(resourcesFolder),
    loadBenchmarks: () => {
      if (options.benchmarksFail === true) throw new AppError('setup-missing', 'changed');
      return benchmarks;
    },
    findAdapter: () =>
      options.hasAdapter === false ? undefined : anAdapter({ objective: options.objective ?? 'routed' }),
    resolveBase: () => Promise.resolve(aBase()),
    provedIds: () => new Set(),
  });
  return { service, asked, facts };
}

const isArm = (result: unknown): ArmResult => armResult.parse(result);

describe('an evaluation', () => {
  it('of the tuned arm counts what was right, who answered, and is kept with its adapter', async () => {
    const { service } = createService();
    const reports: number[] = [];
    const arm = isArm(
      await service.evaluate({ arm: 'tuned' }, { report: (progress) => reports.push(progress.done) }),
    );
    expect(arm).toMatchObject({ arm: 'tuned', adapterId: 'adapter-1' });
    expect(arm.groups.test?.rate).toBe(1);
    expect(arm.groups.unknown?.rate).toBe(1);
    expect(arm.routing.handedOver.rate).toBe(1);
    expect(arm.groups['general-ability']?.rate).toBe(0);
    expect(reports.at(-1)).toBe(arm.answers.length);
    expect(service.reports('adapter-1').map((each) => each.result)).toEqual([arm]);
  });

  it('leaves out what its owner does not want asked', async () => {
    const unwanted = new Set<string>();
    const { service, facts } = createService({ vetoes: () => unwanted });
    const before = await service.judge(anAdapter(), aBase());
    const tests = takeAll(service.heldOut(facts.list(), [])).filter(
      (question) => question.factId !== undefined,
    );
    for (const question of tests.slice(0, 3)) unwanted.add(keyOfQuestion(question));
    const after = await service.judge(anAdapter(), aBase());
    expect(tests.length).toBeGreaterThan(5);
    expect([before.facts[0]?.asked, after.facts[0]?.asked]).toEqual([tests.length, tests.length - 3]);
  });

  it('of all arms gives one result each, the base without an adapter', async () => {
    const { service } = createService();
    const result = await service.evaluate({ arm: 'all', quick: true });
    const arms = 'arms' in result ? result.arms : {};
    expect(Object.keys(arms)).toEqual(['base', 'prompt', 'tuned', 'both']);
    expect(arms.base).toMatchObject({ adapterId: null });
    expect(arms.base?.answers.every((each) => each.answeredBy === 'base')).toBe(true);
    expect(arms.base?.groups['bridge-new']).toBeUndefined();
    expect(arms.base?.groups.test?.rate).toBe(0);
  });

  it('asks each prompt once in a process', async () => {
    const { service, asked } = createService();
    await service.evaluate({ arm: 'tuned', quick: true });
    const before = asked.length;
    await service.evaluate({ arm: 'tuned', quick: true });
    expect(asked.length).toBe(before);
  });

  it('takes questions of one’s own, and the base where there is no adapter', async () => {
    const { service } = createService({ hasAdapter: false });
    const file = join(tempFolder(), 'mine.jsonl');
    writeFileSync(file, '{"id":"1","question":"Where?","expected":["Hm"],"kind":"recall"}\n');
    const arm = isArm(await service.evaluate({ arm: 'base', questionsFile: file }));
    expect(arm.kinds).toEqual({ recall: expect.objectContaining({ right: 1, n: 1 }) as unknown });
    await expect(service.evaluate({ arm: 'tuned' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is an error, never an approval, without the shipped questions', async () => {
    const { service } = createService({ benchmarksFail: true });
    await expect(service.judge(anAdapter(), aBase())).rejects.toMatchObject({ code: 'setup-missing' });
    await expect(service.evaluate({ arm: 'base' })).rejects.toMatchObject({ code: 'setup-missing' });
    expect(() => {
      service.assertBenchmarks();
    }).toThrow('changed');
  });
});

describe('an adapter that answers everything itself', () => {
  const alone = { objective: 'standalone' } as const;

  it('is its own arm: nothing is handed over, and its ability stands beside the base’s', async () => {
    const { service, asked } = createService(alone);
    const arm = isArm(await service.evaluate({ arm: 'tuned', quick: true }));
    expect(arm).toMatchObject({ arm: 'standalone', adapterId: 'adapter-1' });
    expect(arm.answers.every((each) => each.answeredBy === 'adapter')).toBe(true);
    expect(arm.routing.handedOver).toEqual(expect.objectContaining({ n: 0, rate: null }));
    const { ability, perplexity } = arm.againstBase ?? {};
    expect(ability?.tuned.n).toBe(16);
    expect(ability?.base.n).toBe(16);
    expect(perplexity?.ratio).toBeCloseTo(1.01, 5);
    expect(perplexity?.base).toBeCloseTo(Math.exp(3), 5);
    expect(perplexity?.divergence).toBeCloseTo(0.02, 5);
    const byAdapter = asked.filter((each) => each.adapterFile !== null);
    expect(byAdapter.every((each) => each.firstToken === 'free')).toBe(true);
    // Of the base only what can be checked is asked.
    expect(asked.length - byAdapter.length).toBe(16);
  });

  it('can be asked for of a routed one too, to see what other programs would', async () => {
    const { service } = createService();
    const arm = isArm(await service.evaluate({ arm: 'standalone', quick: true }));
    expect(arm.arm).toBe('standalone');
    expect(arm.answers.every((each) => each.answeredBy === 'adapter')).toBe(true);
  });

  it('of one’s own questions is not measured on the shipped prose', async () => {
    const { service } = createService(alone);
    const file = join(tempFolder(), 'mine.jsonl');
    writeFileSync(file, '{"id":"1","question":"Where?","expected":["Porto"],"kind":"recall"}\n');
    const arm = isArm(await service.evaluate({ arm: 'tuned', questionsFile: file }));
    expect(arm.againstBase).toBeUndefined();
    expect(arm.kinds.recall?.rate).toBe(1);
  });

  it('is judged by recall, abstention, ability and language', async () => {
    const { service } = createService(alone);
    const { verdict } = await service.judge(anAdapter(alone), aBase());
    expect(verdict).toMatchObject({ approved: true });
    expect(verdict.reasons).toHaveLength(4);
    expect(verdict.reasons.join(' ')).not.toContain('handed over');
    expect(service.reports('adapter-1')[0]?.result.againstBase?.perplexity.ratio).toBeCloseTo(1.01, 5);
  });

  it('is rejected when it speaks the base’s language worse than allowed', async () => {
    const { service } = createService({ ...alone, ratio: 1.06 });
    const { verdict } = await service.judge(anAdapter(alone), aBase());
    expect(verdict.approved).toBe(false);
    expect(verdict.reasons.filter((each) => each.startsWith('failed'))).toEqual([
      expect.stringContaining("perplexity 1.060 times the base's") as string,
    ]);
  });
});

describe('a judgement', () => {
  it('gives the verdict with its numbers, each fact’s share, and keeps the report', async () => {
    const { service, facts } = createService();
    const { verdict, facts: results } = await service.judge(anAdapter(), aBase());
    expect(verdict.approved).toBe(true);
    expect(verdict.reasons).toHaveLength(5);
    const [fact] = facts.list();
    expect(results.map((each) => each.factId)).toEqual([fact?.id]);
    expect(results[0]?.asked).toBeGreaterThanOrEqual(5);
    expect(results[0]?.right).toBe(results[0]?.asked);
    expect(service.reports('adapter-1')[0]).toMatchObject({ questionSet: 'quick', verdict });
  });

  it('asks for nothing that was told or changed after the training began', async () => {
    const { service, facts } = createService();
    facts.add({ attribute: 'cat', value: 'Luna' });
    const taught = facts.list().map((fact) => fact.id);
    const cat = facts.list().find((fact) => fact.attribute === 'cat')?.id ?? '';
    facts.edit(cat, { value: 'Biscuit' });
    facts.add({ attribute: 'hobby', value: 'chess' });
    const { facts: results } = await service.judge(anAdapter({ factIds: taught }), aBase());
    expect(results.map((each) => each.factId)).toEqual(taught.filter((id) => id !== cat));
  });
});
