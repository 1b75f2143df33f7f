import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armResult, type ArmResult } from '../../../electron/contract/entities/evaluation.ts';
import { AppError } from '../../../electron/contract/errors.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { GenerateRequest, Generation, LoadedModel } from '../../../electron/core/dependencies.ts';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { createEvaluationService } from '../../../electron/core/evaluation/evaluation-service.ts';
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
    const passed = request.adapterFile !== null && general.has(question);
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

function createService(options: { readonly hasAdapter?: boolean; readonly benchmarksFail?: boolean } = {}) {
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
    kinds: shippedKinds,
    systemText: 'System.',
    listFacts: () => facts.list(),
    loadTemplates: () => loadTemplates(resourcesFolder),
    loadBenchmarks: () => {
      if (options.benchmarksFail === true) throw new AppError('setup-missing', 'changed');
      return benchmarks;
    },
    findAdapter: () => (options.hasAdapter === false ? undefined : anAdapter()),
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
});
