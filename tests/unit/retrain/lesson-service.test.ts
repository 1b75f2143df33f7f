import { beforeEach, describe, expect, it } from 'vitest';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { countChanges, openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createDatasetService } from '../../../electron/core/datasets/dataset-service.ts';
import { keyOfQuestion, questionOf } from '../../../electron/core/datasets/lesson-key.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { createVetoStore } from '../../../electron/core/datasets/veto-store.ts';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { buildQuestionSet, heldOutQuestions } from '../../../electron/core/evaluation/question-set.ts';
import { createFactService } from '../../../electron/core/facts/fact-service.ts';
import { createLessonService, mostFacts } from '../../../electron/core/retrain/lesson-service.ts';
import type { Planned } from '../../../electron/core/retrain/planner.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';
import { aBase } from '../../helpers/models.ts';

const templates = loadTemplates(resourcesFolder);
const pools = loadPools(resourcesFolder);
const benchmarks = loadBenchmarks(resourcesFolder);
const request = { recipe: 'routed', seed: 42, rebuild: false } as const;

/** Real facts, datasets, questions and vetoes in one database in memory; only the plan and the base are given. */
function anApp() {
  const db = openMemoryDatabase(profileMigrations);
  const clock = { now: () => new Date('2026-06-15T12:00:00').getTime() };
  let ids = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`;
  const facts = createFactService({ db, clock, newId, kinds: shippedKinds, forgetVerdicts: () => [] });
  const vetoes = createVetoStore(db);
  const build = { looks: 0, hasBase: true, warm: undefined as Planned['warm'] };
  const datasets = createDatasetService({
    ...{ db, clock, newId, kinds: shippedKinds, systemText: 'System.' },
    vetoes: () => vetoes.keys(),
    liveFacts: () => facts.list(),
    loadTemplates: () => templates,
    loadPools: () => pools,
  });
  const questionInput = { kinds: shippedKinds, templates, benchmarks, seed: 42 };
  const lessons = createLessonService({
    datasets: {
      ...datasets,
      look: (...args) => {
        build.looks += 1;
        return datasets.look(...args);
      },
    },
    ...{ request, vetoes, clock },
    plan: () => ({ warm: build.warm }) as Planned,
    resolveBase: () => (build.hasBase ? Promise.resolve(aBase()) : Promise.reject(new Error('none'))),
    heldOut: (some, others) => heldOutQuestions({ ...questionInput, facts: some, untaught: others }),
    changes: () => countChanges(db),
  });
  return { db, facts, datasets, vetoes, lessons, build, questionInput };
}

let app: ReturnType<typeof anApp>;
beforeEach(() => {
  app = anApp();
  app.facts.add({ attribute: 'cat', value: 'Luna' });
  app.facts.add({ attribute: 'city', value: 'Porto' });
  app.facts.add({ attribute: 'partner', value: 'Jordan' });
  app.facts.add({ subject: 'Jordan', attribute: 'job', value: 'teacher' });
});

const dataset = () => app.datasets.build({ recipe: 'routed', seed: 42, baseModelId: 'base' });
const testsOf = async (factId: string) =>
  (await app.lessons.list({ kind: 'test', factId, limit: 1000 })).lessons.filter(
    (lesson) => lesson.split === 'test' && lesson.factIds[0] === factId,
  );

describe('lessons', () => {
  it('are what the next training teaches, and the questions that it never teaches', async () => {
    const page = await app.lessons.list({ limit: 1000 });
    const taught = dataset();
    expect(new Set(taught.samples.map((each) => questionOf(each)))).toEqual(
      new Set((await everyLesson()).filter((each) => each.split === 'train').map((each) => each.question)),
    );
    expect(page.counts.fact).toBeGreaterThan(50);
    expect(page.counts.test).toBeGreaterThan(30);
    expect(page.facts).toEqual({ shown: 5, all: 5 });
    expect(page.lessons[0]).toMatchObject({ about: 'Your cat is Luna.', vetoed: false });
    expect(page.datasets.map((each) => each.id)).toEqual([]);
  });

  it('never hold the wording of a question that is only asked', async () => {
    const all = await everyLesson();
    const held = new Set(
      all.filter((each) => each.split !== 'train').map((each) => each.question.toLowerCase()),
    );
    expect(held.size).toBeGreaterThan(30);
    const taught = all.filter((each) => each.split === 'train');
    expect(taught.filter((each) => held.has(each.question.toLowerCase()))).toEqual([]);
  });

  it('are searched by words, by fact and by kind, and paged without a gap', async () => {
    const [luna] = app.facts.list();
    const found = await app.lessons.list({ search: 'LUNA cat', limit: 5 });
    expect(found.total).toBeGreaterThan(3);
    expect(found.lessons.every((each) => /luna/iu.test(`${each.question} ${each.answer}`))).toBe(true);
    const ofFact = await app.lessons.list({ factId: luna?.id, kind: 'fact', limit: 1000 });
    expect(ofFact.total).toBeGreaterThan(10);
    expect(ofFact.lessons.every((each) => each.factIds.includes(luna?.id ?? ''))).toBe(true);
    const all = await everyLesson(97);
    expect(new Set(all.map((each) => each.id)).size).toBe(all.length);
    const error = await appErrorOf(() => app.lessons.list({ limit: 5, cursor: '-3' }));
    expect(error.code).toBe('invalid-input');
  });

  it('are built in slices: others are answered meanwhile, and who asks for the same waits for the same', async () => {
    for (let index = 0; index < 40; index += 1) {
      const kind = shippedKinds.all[index % shippedKinds.all.length];
      app.facts.add({ subject: `Person ${index}`, attribute: kind?.id ?? '', value: `Value ${index}` });
    }
    const state = { isOver: false };
    const asked = [app.lessons.list({ limit: 1 }), app.lessons.list({ limit: 5 })];
    void Promise.all(asked).then(() => {
      state.isOver = true;
    });
    let answered = 0;
    while (!state.isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      answered += app.facts.get(app.facts.list()[0]?.id ?? '').value === 'Luna' ? 1 : 0;
    }
    expect(answered).toBeGreaterThan(5);
    expect((await asked[1])?.lessons[0]).toEqual((await asked[0])?.lessons[0]);
    expect(app.build.looks).toBe(1);
  });

  it('are built once for all pages, and anew when a fact has changed', async () => {
    await everyLesson(100);
    expect(app.build.looks).toBe(1);
    // Writing something else, such as the curve of a training, builds nothing anew.
    app.db.prepare("INSERT INTO profile_values VALUES ('x', 'y')").run();
    await app.lessons.list({ limit: 10 });
    expect(app.build.looks).toBe(1);
    app.facts.add({ attribute: 'hometown', value: 'Braga' });
    const page = await app.lessons.list({ search: 'Braga', limit: 10 });
    expect([app.build.looks, page.total > 0]).toEqual([2, true]);
  });

  it('can be read before there is a base model, and where there are no facts', async () => {
    app.build.hasBase = false;
    expect((await app.lessons.list({ limit: 10 })).total).toBeGreaterThan(100);
    const empty = await anApp().lessons.list({ limit: 10 });
    expect([empty.total, empty.lessons, empty.counts]).toEqual([0, [], {}]);
  });

  it('of the past can be read and say nothing of vetoes', async () => {
    const { dataset: kept, samples } = dataset();
    const [first] = (await app.lessons.list({ limit: 1 })).lessons;
    await app.lessons.veto(first?.id ?? '', true);
    const page = await app.lessons.list({ datasetId: kept.id, limit: 1000 });
    expect(page.datasets.map((each) => each.id)).toEqual([kept.id]);
    expect(page.total).toBeLessThanOrEqual(samples.length);
    expect(page.lessons.some((each) => each.vetoed || each.split === 'test')).toBe(false);
  });

  it('of very many facts are those of a part, and of any fact that is asked for', async () => {
    const rows = Array.from({ length: mostFacts + 60 }, (_unused, index) => ({
      subject: `Person ${index}`,
      attribute: 'city',
      value: `Town ${index}`,
    }));
    app.facts.importText('people.json', JSON.stringify(rows));
    const page = await app.lessons.list({ limit: 10 });
    expect(page.facts).toEqual({ shown: mostFacts, all: app.facts.list().length });
    const last = app.facts.list().find((fact) => fact.subject === 'Person 459');
    const asked = await app.lessons.list({ factId: last?.id, kind: 'fact', limit: 1000 });
    expect(asked.total).toBeGreaterThan(10);
    // What is told of others is not taught as never told.
    const unknown = await app.lessons.list({
      factId: undefined,
      kind: 'unknown',
      search: 'Person 459',
      limit: 9,
    });
    expect(unknown.total).toBe(0);
  }, 60_000);
});

describe('a veto', () => {
  it('keeps a lesson out of the next dataset, also as an earlier exchange, and can be taken back', async () => {
    const before = dataset();
    const lesson = (await app.lessons.list({ search: 'Luna', kind: 'fact', limit: 1 })).lessons[0];
    expect(await app.lessons.veto(lesson?.id ?? '', true)).toEqual({
      ...{ id: lesson?.id, vetoed: true, testsLeft: null },
    });
    const after = dataset();
    expect(after.dataset.sha256).not.toBe(before.dataset.sha256);
    const said = after.samples.flatMap((each) => [
      ...each.messages
        .slice(0, -1)
        .map((message, index) => [message.content, each.messages[index + 1]?.content]),
      [questionOf(each), each.answer],
    ]);
    expect(said).not.toContainEqual([lesson?.question, lesson?.answer]);
    expect(before.samples.length - after.samples.length).toBe(1);
    expect((await app.lessons.list({ search: 'Luna', kind: 'fact', limit: 1 })).lessons[0]?.vetoed).toBe(
      true,
    );
    await app.lessons.veto(lesson?.id ?? '', false);
    expect(dataset().dataset.sha256).toBe(before.dataset.sha256);
  });

  it('survives a new fact and goes with its own', async () => {
    const [luna] = app.facts.list();
    const lesson = (await app.lessons.list({ factId: luna?.id, kind: 'fact', limit: 1 })).lessons[0];
    await app.lessons.veto(lesson?.id ?? '', true);
    app.facts.add({ attribute: 'hometown', value: 'Braga' });
    const again = await app.lessons.list({ factId: luna?.id, limit: 1000 });
    const same = again.lessons.find((each) => each.id === lesson?.id);
    expect(same === undefined || same.vetoed).toBe(true);
    expect(app.vetoes.keys().size).toBe(1);
    app.db.prepare('DELETE FROM facts WHERE id = ?').run(luna?.id);
    expect(app.vetoes.keys().size).toBe(0);
  });

  it('keeps a question out of the test, in every group, and says how many are left', async () => {
    const city = app.facts.list().find((fact) => fact.attribute === 'city');
    const tests = await testsOf(city?.id ?? '');
    expect(tests.length).toBeGreaterThanOrEqual(5);
    const left: (number | null)[] = [];
    for (const { id } of tests.slice(0, 4)) left.push((await app.lessons.veto(id, true)).testsLeft);
    expect(left).toEqual([1, 2, 3, 4].map((count) => tests.length - count));
    const unwanted = app.vetoes.keys();
    const asked = buildQuestionSet({ ...app.questionInput, facts: app.facts.list() }).filter(
      (question) => !unwanted.has(keyOfQuestion(question)),
    );
    const texts = new Set(asked.map((question) => question.question));
    expect(tests.slice(0, 4).filter((each) => texts.has(each.question))).toEqual([]);
    expect(tests.slice(4).every((each) => texts.has(each.question))).toBe(true);
    // A question that is not asked is not taught either.
    expect(dataset().samples.some((each) => questionOf(each) === tests[0]?.question)).toBe(false);
  });

  it('of a probe keeps it out of the run', async () => {
    const probe = (await everyLesson()).find((each) => each.split === 'probe');
    await app.lessons.veto(probe?.id ?? '', true);
    expect(dataset().probes.map((each) => questionOf(each))).not.toContain(probe?.question);
  });

  it('of a lesson that is not there any more is refused', async () => {
    const error = await appErrorOf(() => app.lessons.veto('train-nothing', true));
    expect(error.code).toBe('not-found');
    expect(await app.lessons.veto('train-nothing', false)).toMatchObject({ vetoed: false });
  });
});

async function everyLesson(limit = 1000) {
  const all: Awaited<ReturnType<typeof app.lessons.list>>['lessons'] = [];
  let cursor: string | undefined;
  do {
    const page = await app.lessons.list({ limit, cursor });
    all.push(...page.lessons);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
