import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { buildDataset } from '../../../electron/core/datasets/build-dataset.ts';
import { planDataset } from '../../../electron/core/datasets/dataset-plan.ts';
import { createDatasetService } from '../../../electron/core/datasets/dataset-service.ts';
import { createGeneralAnswers } from '../../../electron/core/datasets/general-answers.ts';
import { chooseGeneralPrompts } from '../../../electron/core/datasets/general-samples.ts';
import { warmPlanFor } from '../../../electron/core/datasets/warm-samples.ts';
import { loadPools, type PassPrompt } from '../../../electron/core/datasets/pools.ts';
import { appMigrations, profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { Generation, LoadedModel } from '../../../electron/core/dependencies.ts';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { readSystemText } from '../../../electron/core/models/prompt.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { makePersona } from '../../../scripts/lib/persona.mjs';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { aBase } from '../../helpers/models.ts';

const pools = loadPools(resourcesDir);
const templates = loadTemplates(resourcesDir);
const systemText = readSystemText(resourcesDir);
const plan = planDataset(25, 'standalone');

function factsOf(count: number): Fact[] {
  const told = makePersona({ seed: 1, count, resourcesDir }).map((draft, index) =>
    aFact({ ...draft, id: `told-${index}`, current: draft.validTo === undefined }),
  );
  return [...told, ...deriveFacts(told, kinds)];
}

/** A base that says "Rain." to everything and can be stopped after some answers. */
function aBaseThatAnswers(stopAfter = Infinity) {
  const asked: string[] = [];
  const prompts: string[] = [];
  const model: Partial<LoadedModel> = {
    encodePrompt: (messages) => [prompts.push(messages.at(-1)?.content ?? '') - 1],
    generateAll: (requests) => {
      if (asked.length + requests.length > stopAfter) return Promise.reject(new Error('stopped'));
      for (const request of requests) asked.push(prompts[request.prompt[0] ?? -1] ?? '');
      const said: Generation = { text: 'Rain.', tokens: [1], stopped: true, passed: false };
      return Promise.resolve(requests.map(() => said));
    },
  };
  const runtime = {
    load: () => Promise.resolve(model as LoadedModel),
    releaseAdapter: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
  return { asked, runtime };
}

const prompts = chooseGeneralPrompts(pools, { general: 40, epochs: 1 }, 42);
const options = { signal: new AbortController().signal, report: () => undefined };

describe('the base’s general answers', () => {
  it('are asked once for each base and system text', async () => {
    const { asked, runtime } = aBaseThatAnswers();
    const db = openMemoryDatabase(appMigrations);
    const answers = createGeneralAnswers({ db, runtime, systemText, dataFolder: '/data' });
    expect(await answers.complete(aBase(), prompts, options)).toEqual({ kept: 40, asked: 40 });
    expect(await answers.complete(aBase(), prompts, options)).toEqual({ kept: 40, asked: 0 });
    expect(asked).toHaveLength(40);
    expect([...answers.find(aBase(), prompts).keys()]).toEqual(prompts.map((each) => each.id));
    expect(answers.find(aBase({ sha256: 'other' }), prompts).size).toBe(0);
    const otherText = createGeneralAnswers({ db, runtime, systemText: 'Other.', dataFolder: '/data' });
    expect(otherText.find(aBase(), prompts).size).toBe(0);
  });

  it('that were given before a stop are kept, and the rest is asked next time', async () => {
    const db = openMemoryDatabase(appMigrations);
    const stopped = aBaseThatAnswers(20);
    const parts = { db, systemText, dataFolder: '/data' };
    const first = createGeneralAnswers({ ...parts, runtime: stopped.runtime });
    await expect(first.complete(aBase(), prompts, options)).rejects.toThrow('stopped');
    expect(first.find(aBase(), prompts).size).toBe(16);
    const again = aBaseThatAnswers();
    const reports: number[] = [];
    const second = createGeneralAnswers({ ...parts, runtime: again.runtime });
    const result = await second.complete(aBase(), prompts, {
      ...options,
      report: ({ done, total }) => reports.push(done / (total ?? 1)),
    });
    expect(result).toEqual({ kept: 40, asked: 24 });
    expect(reports[0]).toBe(16 / 40);
    expect(new Set([...stopped.asked, ...again.asked]).size).toBe(40);
  });
});

describe('a dataset for an adapter that answers everything itself', () => {
  const generalAnswers = new Map(
    pools.passPrompts.map(({ id }) => [id, 'The rain falls where the clouds have grown too heavy to float.']),
  );
  const facts = factsOf(25);
  const built = buildDataset({
    ...{ facts, kinds, templates, pools, systemText, plan, generalAnswers },
    seed: 42,
  });

  it('hands nothing over and repeats what the base says, other prompts in each pass', () => {
    expect(built.counts).toMatchObject({ pass: 0, general: plan.general });
    expect(built.samples.some((each) => each.answer === '')).toBe(false);
    const general = built.samples.filter((each) => each.kind === 'general');
    expect(general.every((each) => each.epochs?.length === 1)).toBe(true);
    expect(new Set(general.map((each) => each.family)).size).toBe(plan.general * plan.epochs);
  });

  it('says nothing personal in its general samples but in what was said before', () => {
    const values = facts.map((each) => each.value.toLowerCase());
    const general = built.samples.filter((each) => each.kind === 'general' && each.messages.length === 2);
    const texts = general.map((each) =>
      `${each.messages.at(-1)?.content ?? ''} ${each.answer}`.toLowerCase(),
    );
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text) => values.some((value) => value.length > 4 && text.includes(value)))).toEqual(
      [],
    );
  });

  it('leaves the samples of the other recipes as they were', () => {
    const routed = buildDataset({
      facts,
      kinds,
      templates,
      pools,
      systemText,
      plan: planDataset(25),
      seed: 42,
    });
    expect(routed.counts).toMatchObject({ general: 0, pass: 172 });
  });

  it('asks for no more answers when a few facts are taught again', () => {
    for (const count of [1, 2, 25, 400]) {
      const full = planDataset(count, 'standalone');
      const warm = warmPlanFor('standalone', count);
      const known = new Set(chooseGeneralPrompts(pools, full, 42).map((each) => each.id));
      const wanted = chooseGeneralPrompts(pools, warm, 42);
      expect([warm.pass, wanted.length > 0, wanted.every((each) => known.has(each.id))]).toEqual([
        0,
        true,
        true,
      ]);
    }
    expect(warmPlanFor('routed', 25)).toMatchObject({ general: 0, pass: 23 });
  });

  it('waits for the base’s answers', async () => {
    const known = new Map<string, string>();
    const datasets = createDatasetService({
      db: openMemoryDatabase(profileMigrations),
      clock: { now: () => 1 },
      newId: () => 'id-1',
      kinds,
      systemText,
      liveFacts: () => facts,
      loadTemplates: () => templates,
      loadPools: () => pools,
      findGeneralAnswers: (_base: string, wanted: readonly PassPrompt[]) =>
        new Map(wanted.flatMap(({ id }) => (known.has(id) ? [[id, known.get(id) ?? ''] as const] : []))),
    });
    const request = { recipe: 'standalone', baseModelId: 'base-1', seed: 42 } as const;
    const error = await appErrorOf(() => datasets.build(request));
    expect(error).toMatchObject({ code: 'not-found' });
    expect(error.message).toContain(`0 of ${plan.general * plan.epochs}`);
    for (const { id } of datasets.generalPrompts(request)) known.set(id, 'Rain.');
    expect(datasets.build(request).dataset.counts.general).toBe(plan.general);
    expect(datasets.generalPrompts({ recipe: 'routed', seed: 42 })).toEqual([]);
  });
});
