import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../electron/contract/entities/training.ts';
import {
  createDatasetService,
  type DatasetRequest,
} from '../../../electron/core/datasets/dataset-service.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { renderSample } from '../../../electron/core/datasets/render-sample.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { LoadedModel } from '../../../electron/core/dependencies.ts';
import { chooseFactPart } from '../../../electron/core/retrain/fact-part.ts';
import {
  countLessons,
  createLessonCounter,
  mostFactsCounted,
  type CountRequest,
} from '../../../electron/core/retrain/lesson-counter.ts';
import { recipeFor } from '../../../electron/core/training/recipe.ts';
import { countEpochs, countSteps } from '../../../electron/core/training/run-config.ts';
import { takeAll } from '../../../electron/core/util/slices.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';
import { aFact } from '../../helpers/a-fact.ts';
import { aBase } from '../../helpers/models.ts';

const recipe = recipeFor('routed', 135e6);
/** A model with a token for each word. */
const model = {
  encodePrompt: (messages: readonly { content: string }[]) =>
    messages.flatMap(({ content }) => wordsOf(content)),
  encodeText: (text: string) => wordsOf(text),
  endOfTurn: 2,
} as unknown as LoadedModel;

function wordsOf(text: string): number[] {
  return text.split(' ').map((word) => word.length);
}

/** Facts about people, one of each of twenty kinds for each of them; some kinds have several values. */
function manyFacts(count: number) {
  return Array.from({ length: count }, (_unused, index) => {
    const kind = shippedKinds.all[index % 20] ?? shippedKinds.all[0];
    const person = Math.floor(index / 20);
    return aFact({
      ...{ id: `fact-${index}`, subject: person === 0 ? 'me' : `Person ${person}` },
      ...{ attribute: kind?.label ?? '', kind: kind?.id ?? null },
      value: `${kind?.decoys[person % kind.decoys.length] ?? ''} ${person}`,
    });
  });
}

function aService(facts: ReturnType<typeof manyFacts>) {
  return createDatasetService({
    db: openMemoryDatabase(profileMigrations),
    ...{ clock: { now: () => 1 }, newId: () => 'id', kinds: shippedKinds, systemText: 'System.' },
    liveFacts: () => facts,
    loadTemplates: () => loadTemplates(resourcesFolder),
    loadPools: () => loadPools(resourcesFolder),
  });
}

const request: DatasetRequest = { recipe: 'routed', seed: 42, baseModelId: 'base' };

const asked: CountRequest = {
  ...{ request, base: aBase(), recipe, warm: undefined, parent: null },
  mode: 'rebuild',
};

/** Tokens of each kind over all passes, said plainly. */
function tokensOf(samples: readonly Sample[]): Record<string, number> {
  const epochs = countEpochs(samples);
  const tokens: Record<string, number> = {};
  for (const each of samples) {
    const count = renderSample(each, model).tokens.length * (each.epochs?.length ?? epochs);
    tokens[each.kind] = (tokens[each.kind] ?? 0) + count;
  }
  return tokens;
}

describe('the lessons of a plan', { timeout: 120_000 }, () => {
  it('are counted one by one where they are few', async () => {
    const { samples } = await aService(manyFacts(20)).preview(request);
    const counts = takeAll(countLessons(samples, model, recipe));
    expect(samples.length).toBeLessThan(5_000);
    expect(counts).toMatchObject({
      ...{ lessonBasis: 'counted', tokens: tokensOf(samples), epochs: countEpochs(samples) },
      steps: countSteps(samples, countEpochs(samples), recipe.batchSize),
    });
    expect(Object.values(counts.samples).reduce((sum, each) => sum + each, 0)).toBe(
      samples.reduce((sum, each) => sum + (each.epochs?.length ?? 3), 0),
    );
  });

  it('have nearly the tokens of all of them where only a part of very many is counted', async () => {
    const { samples } = await aService(manyFacts(150)).preview(request);
    const counts = takeAll(countLessons(samples, model, recipe));
    expect(counts.lessonBasis).toBe('estimate');
    expect(counts.steps).toBe(countSteps(samples, countEpochs(samples), recipe.batchSize));
    for (const [kind, tokens] of Object.entries(tokensOf(samples))) {
      expect(Math.abs((counts.tokens[kind] ?? 0) / tokens - 1), kind).toBeLessThan(0.02);
    }
    expect(takeAll(countLessons(samples, model, recipe))).toEqual(counts);
  });

  it.each([
    ['a training from the base', undefined],
    ['a warm start', 30],
  ])('of a part of the facts stand for those of all: %s', async (_name, taught) => {
    const facts = manyFacts(600);
    const service = aService(facts);
    const ids = facts.map(({ id }) => id);
    const warm =
      taught === undefined ? undefined : { taught: ids.slice(0, taught), weak: ids.slice(500, 540) };
    const whole = takeAll(countLessons((await service.preview({ ...request, warm })).samples, model, recipe));
    const part = chooseFactPart(facts, warm);
    expect(part.facts.length + part.others.length).toBe(facts.length);
    expect(part.facts.length).toBeLessThan(400);
    const { samples } = takeAll(service.look({ ...request, warm }, part.facts, part.others));
    const counts = takeAll(countLessons(samples, model, recipe, part.shareOf));
    expect(Math.abs(counts.totalTokens / whole.totalTokens - 1)).toBeLessThan(0.03);
    expect(Math.abs(counts.steps / whole.steps - 1)).toBeLessThan(0.03);
    for (const [kind, count] of Object.entries(whole.samples))
      expect(Math.abs((counts.samples[kind] ?? 0) / count - 1), kind).toBeLessThan(0.05);
  });

  it('are counted once while nothing changes, and of very many facts never all made', async () => {
    let facts = manyFacts(40);
    const calls = { preview: 0, look: 0 };
    const service = () => aService(facts);
    const counter = createLessonCounter({
      datasets: {
        liveFacts: () => facts,
        preview: (wanted) => ((calls.preview += 1), service().preview(wanted)),
        look: (...given) => ((calls.look += 1), service().look(...given)),
        contentKey: (wanted) => service().contentKey(wanted),
        identify: (dataset) => dataset,
      },
      training: { findResumable: () => undefined, hasStoppedLike: () => false },
      runtime: { load: () => Promise.resolve(model) },
    });
    const [first, second] = await Promise.all([counter(asked), counter(asked)]);
    expect([calls, second, first.lessonBasis]).toEqual([{ preview: 1, look: 0 }, first, 'counted']);
    await counter({ ...asked, request: { ...request, seed: 43 } });
    expect(calls.preview).toBe(2);
    facts = manyFacts(mostFactsCounted + 1);
    const many = await counter(asked);
    expect([calls, many.lessonBasis]).toEqual([{ preview: 2, look: 1 }, 'estimate']);
    expect(many.samples.fact).toBeGreaterThan(mostFactsCounted * 14 * 3);
  });

  it('are asked for again after a failure', async () => {
    let fails = true;
    const service = aService(manyFacts(3));
    const counter = createLessonCounter({
      datasets: {
        ...service,
        preview: (wanted) => (fails ? Promise.reject(new Error('no')) : service.preview(wanted)),
      },
      training: { findResumable: () => undefined, hasStoppedLike: () => false },
      runtime: { load: () => Promise.resolve(model) },
    });
    await expect(counter(asked)).rejects.toThrow('no');
    fails = false;
    expect((await counter(asked)).totalTokens).toBeGreaterThan(0);
  });
});
