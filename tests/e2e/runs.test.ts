import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MethodOutputs } from '../../electron/contract/methods.ts';
import { expect, test, type AppHost } from './helpers/app-host.ts';
import { addTinyPerson } from './helpers/tiny-person.ts';
import { TrainPage } from './pages/train-page.ts';

const fakeWorker = fileURLToPath(new URL('../helpers/fake-worker.mjs', import.meta.url));
const oneTo = (last: number): number[] => Array.from({ length: last }, (_unused, index) => index + 1);

type Detail = MethodOutputs['runs']['get'];

async function newestRun(app: AppHost): Promise<Detail> {
  const { runs } = await app.call<MethodOutputs['runs']['list']>('runs.list');
  return await app.call<Detail>('runs.get', { id: runs[0]?.id ?? '' });
}

/** Opens Train and starts from the plan. */
async function begin(app: AppHost): Promise<TrainPage> {
  await addTinyPerson(app);
  await app.goTo('/train');
  const train = new TrainPage(app.page);
  await train.isAt('Train');
  await train.start();
  return train;
}

test.describe.configure({ timeout: 240_000 });

test('both curves extend while it learns, and strip, Train, a reload and a second window show the same', async ({
  app,
  context,
}) => {
  const train = await begin(app);
  await train.reaches(20);
  await expect(train.loss).toBeVisible();
  const first = await train.loss.getAttribute('aria-label');
  await expect.poll(() => train.loss.getAttribute('aria-label')).not.toBe(first);
  const asked = async (): Promise<number> => (await newestRun(app)).probes.length;
  await expect(train.recall).toBeVisible();
  const probed = await train.recall.getAttribute('aria-label');
  const { train: onTrain, strip } = await train.steps();
  expect(strip).toBe(onTrain);

  await app.page.reload();
  await train.isAt('Train');
  await train.reaches((onTrain ?? 0) + 1);
  const { points } = await newestRun(app);
  expect(points.map(({ step }) => step)).toEqual(oneTo(points.length));

  const other = new TrainPage(await context.newPage());
  await other.page.goto(`${new URL(app.page.url()).origin}/#/train`);
  await other.reaches(1);
  await expect.poll(asked, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  await expect.poll(() => train.recall.getAttribute('aria-label'), { timeout: 60_000 }).not.toBe(probed);
  await other.button('Pause').click();
  for (const each of [train, other]) {
    await expect(each.strip).toContainText('Training is paused at step');
    await expect(each.run).toContainText('No work is lost.');
  }
  await expect.poll(async () => await train.steps()).toEqual(await other.steps());
});

test.describe('a training that is stopped', () => {
  test.use({ hostEnv: { KEEPSAKE_SAMPLES: 'unknown=20,pass=10,bridge=5,epochs=2' } });

  test('paused, the app ended by force and opened again: Resume ends it with no lost step or point', async ({
    app,
  }) => {
    const train = await begin(app);
    await train.reaches(10);
    await train.button('Pause').click();
    await expect(train.strip).toContainText('Training is paused at step');
    const before = await newestRun(app);
    await app.kill();
    await app.reopen();
    await app.goTo('/train');
    await train.isAt('Train');
    await expect(train.strip).toContainText(`Training is paused at step ${before.run.step} of`);
    await expect(train.run).toContainText(`Paused at step ${before.run.step} of`);
    await train.button('Resume').click();
    await expect.poll(async () => (await newestRun(app)).run.state, { timeout: 60_000 }).toBe('succeeded');
    const { run, points, probes } = await newestRun(app);
    expect(run.id).toBe(before.run.id);
    expect(run.step).toBe(run.steps);
    expect(points.map(({ step }) => step)).toEqual(oneTo(run.steps ?? 0));
    expect(points.slice(0, before.points.length)).toEqual(before.points);
    expect(probes.length).toBeGreaterThanOrEqual(4);
    expect(new Set(probes.map(({ step }) => step)).size).toBe(probes.length);
  });

  test('ended by force in the middle, it is offered again and goes on from its last checkpoint', async ({
    app,
  }) => {
    const train = await begin(app);
    await train.reaches(10);
    await app.kill();
    await app.reopen();
    await expect(train.strip).toContainText('No work is lost.');
    await train.strip.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(async () => (await newestRun(app)).run.state, { timeout: 60_000 }).toBe('succeeded');
    const { run, points } = await newestRun(app);
    // What was heard in the last half second before the end may be missing from the curve; no step is trained twice.
    const kept = points.map(({ step }) => step);
    expect([...new Set(kept)].sort((a, b) => a - b)).toEqual(kept);
    expect([kept[0], kept.at(-1)]).toEqual([1, run.steps]);
    expect(run.step).toBe(run.steps);
  });
});

test('cancelled, it leaves in use what was in use and says so', async ({ app }) => {
  const train = await begin(app);
  await train.reaches(5);
  await train.button('Cancel').click();
  await expect(train.undoBar).toContainText(
    'The training is cancelled. Chat reads your facts from the prompt.',
  );
  await expect(train.strip).toContainText('10 facts are not learned yet; chat already uses them.');
  await expect(train.button('Start training').or(train.button('Resume'))).toBeVisible();
  const { activeAdapterId } = await app.call<MethodOutputs['adapters']['list']>('adapters.list');
  expect(activeAdapterId).toBeNull();
  await expect(app.page.getByRole('row', { name: /cancelled/u })).toHaveCount(1);
});

test.describe('a trainer that dies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-e2e-'));
  const log = join(folder, 'starts.txt');
  test.use({ hostEnv: { KEEPSAKE_WORKER: fakeWorker, FAKE_WORKER: 'dies', FAKE_WORKER_LOG: log } });
  test.afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is told within 2 s, with what is safe and what to do', async ({ app }) => {
    const train = await begin(app);
    // The start that has a run's id; others only asked for devices.
    const pidOf = (): number => {
      const starts = existsSync(log) ? readFileSync(log, 'utf8') : '';
      return Number(/^dies [\da-f-]{36} \w+ (\d+)$/mu.exec(starts)?.[1] ?? 0);
    };
    await expect.poll(pidOf, { intervals: [20], timeout: 60_000 }).toBeGreaterThan(0);
    const pid = pidOf();
    const note = app.page.getByRole('alert').filter({ hasText: 'Your facts are safe.' });
    const [goneAt] = await Promise.all([
      expect
        .poll(() => isGone(pid), { intervals: [20] })
        .toBe(true)
        .then(Date.now),
      note.waitFor(),
    ]);
    const { run, points } = await newestRun(app);
    const { failed } = await app.call<MethodOutputs['knowledge']['summary']>('knowledge.summary');
    const { endedAt } = await app.call<MethodOutputs['jobs']['get']>('jobs.get', {
      jobId: failed?.jobId,
    });
    expect((endedAt ?? Infinity) - goneAt).toBeLessThan(2_000);
    expect([run.state, points.length]).toEqual(['failed', 5]);
    await expect(train.strip).toContainText('Training stopped:');
    await expect(train.strip.getByRole('button', { name: 'Fix' })).toBeVisible();
  });
});

/** True once no process has that id. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test.describe('a trainer that hangs', () => {
  test.use({ hostEnv: { KEEPSAKE_WORKER: fakeWorker, FAKE_WORKER: 'mute', KEEPSAKE_SILENCE_MS: '4000' } });

  test('is given up after the silence that the host bears with, and told', async ({ app }) => {
    const train = await begin(app);
    await train.reaches(5);
    await expect(app.page.getByRole('alert').filter({ hasText: 'Your facts are safe.' })).toBeVisible();
    await expect(train.strip).toContainText('Training stopped:');
    expect((await newestRun(app)).run).toMatchObject({ state: 'failed', error: { code: 'worker-failed' } });
  });
});
