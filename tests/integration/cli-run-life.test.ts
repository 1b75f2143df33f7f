import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const fakeWorker = fileURLToPath(new URL('../helpers/fake-worker.mjs', import.meta.url));
const worker = (fault: string, env: Record<string, string> = {}) => ({
  KEEPSAKE_WORKER: fakeWorker,
  FAKE_WORKER: fault,
  ...env,
});

async function folderWithFact(): Promise<string> {
  const data = tempFolder();
  await runCommand(['facts', 'add', '--attribute', 'city', '--value', 'Porto', '--data', data]);
  return data;
}

type Status = {
  jobs: { id: string; state: string }[];
  stopped: { state: string; message: string; hint: string; step: number | null }[];
};
const statusOf = async (data: string): Promise<Status> =>
  (await runCommand(['status', '--data', data, '--json'])).result() as unknown as Status;

/** A training in a process of its own that is told apart from the test's by its first step. */
async function startedTraining(
  data: string,
  env: Record<string, string>,
): Promise<{ readonly pid: number; readonly ended: Promise<CommandOutcome> }> {
  let pid = 0;
  let hasStarted: (value: unknown) => void = () => undefined;
  const started = new Promise((resolve) => (hasStarted = resolve));
  const ended = runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], {
    env,
    onStart: (child) => {
      pid = child.pid ?? 0;
      let text = '';
      child.stdout?.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('"unit":"steps"')) hasStarted(undefined);
      });
    },
  });
  await Promise.race([started, ended]);
  return { pid, ended };
}

describe('a running training', () => {
  it('is paused and gone on with from another process, and status says so in between', async () => {
    const data = await folderWithFact();
    const log = join(data, 'starts.txt');
    writeFileSync(log, '');
    const { ended } = await startedTraining(data, worker('patient', { FAKE_WORKER_LOG: log }));
    const paused = await runCommand(['jobs', 'pause', '--data', data, '--json']);
    expect([paused.code, paused.result()]).toMatchObject([0, { job: { state: 'paused' } }]);
    const first = await ended;
    expect([first.code, first.errorCode()]).toEqual([3, 'cancelled']);
    expect(await statusOf(data)).toMatchObject({
      jobs: [{ state: 'paused' }],
      stopped: [{ state: 'paused', hint: 'Go on with: keepsake train --recipe quick' }],
    });
    const resumed = runCommand(['jobs', 'resume', '--data', data, '--json'], {
      env: worker('patient', { FAKE_WORKER_LOG: log }),
      onStart: (child) => {
        let text = '';
        child.stdout?.on('data', (chunk: string) => {
          text += chunk;
          if (text.includes('"unit":"steps"') && text.includes('loss')) child.kill('SIGINT');
        });
      },
    });
    expect((await resumed).lines().some((line) => String(line.title).startsWith('Going on with'))).toBe(true);
    const [one, two] = readFileSync(log, 'utf8').trim().split('\n');
    expect(two?.split(' ')[1]).toBe(one?.split(' ')[1]);
  });

  it('is cancelled from another process', async () => {
    const data = await folderWithFact();
    const { ended } = await startedTraining(data, worker('patient'));
    const cancelled = await runCommand(['jobs', 'cancel', '--data', data, '--json']);
    expect([cancelled.code, cancelled.result()]).toMatchObject([0, { job: { state: 'cancelled' } }]);
    expect((await ended).errorCode()).toBe('cancelled');
  });

  it('that slept with its machine is not taken for hung, one whose worker alone stands still is', async () => {
    const data = await folderWithFact();
    const log = join(data, 'starts.txt');
    writeFileSync(log, '');
    const env = worker('patient', { KEEPSAKE_SILENCE_MS: '4000', FAKE_WORKER_LOG: log });
    const { pid, ended } = await startedTraining(data, env);
    const workerPid = Number(readFileSync(log, 'utf8').trim().split(' ')[3]);
    // Both stand still, as in a sleep, for longer than a silent worker is borne with.
    for (const id of [pid, workerPid]) process.kill(id, 'SIGSTOP');
    await wait(7000);
    for (const id of [pid, workerPid]) process.kill(id, 'SIGCONT');
    await wait(1500);
    expect((await statusOf(data)).jobs.map((job) => job.state)).toEqual(['running']);
    process.kill(workerPid, 'SIGSTOP');
    const outcome = await ended;
    expect([outcome.code, outcome.errorCode()]).toEqual([7, 'worker-failed']);
    expect(outcome.result()).toMatchObject({
      error: { message: expect.stringContaining('stopped answering') as string },
    });
  });
});

describe('memory that runs out', () => {
  it('is made do with: the same run goes on, on the compressed weights', async () => {
    const data = await folderWithFact();
    const log = join(data, 'starts.txt');
    writeFileSync(log, '');
    const outcome = await runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], {
      env: worker('out-of-memory', { FAKE_WORKER_LOG: log }),
    });
    expect([outcome.code, outcome.errorCode()]).toEqual([4, 'not-enough-memory']);
    const starts = readFileSync(log, 'utf8').trim().split('\n');
    expect(starts.map((line) => line.split(' ')[2])).toEqual(['auto', 'ggml']);
    expect(new Set(starts.map((line) => line.split(' ')[1])).size).toBe(1);
    const { stopped } = await statusOf(data);
    expect(stopped).toMatchObject([
      { state: 'failed', message: expect.stringContaining('memory') as string },
    ]);
  });
});

describe('an app that was killed at a named moment', () => {
  it.each(['dataset.build', 'dataset.built', 'training.prepare', 'training.start-worker', 'trainer.step'])(
    '(%s) leaves nothing that is taken for a result, and says how to go on',
    async (moment) => {
      const data = await folderWithFact();
      const fault = `kill:${moment}`;
      const outcome = await runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], {
        env: worker('patient', { KEEPSAKE_FAULT: fault }),
      });
      expect(outcome.signal).toBe('SIGKILL');
      const adapters = join(data, 'profiles', 'default', 'adapters');
      expect(existsSync(adapters) ? readdirSync(adapters) : []).toEqual([]);
      const { jobs, stopped } = await statusOf(data);
      expect(jobs.map((job) => job.state)).toEqual(['interrupted']);
      const hasRun = moment.startsWith('train');
      expect(stopped.map((run) => run.state)).toEqual(
        hasRun && moment !== 'training.prepare' ? ['interrupted'] : [],
      );
      const { ended } = await startedTraining(data, worker('patient'));
      expect((await runCommand(['jobs', 'cancel', '--data', data])).code).toBe(0);
      expect((await ended).errorCode()).toBe('cancelled');
    },
  );
});

describe('orders to nobody', () => {
  it('are refused with what there is', async () => {
    const data = await folderWithFact();
    for (const order of ['pause', 'cancel', 'resume']) {
      const outcome = await runCommand(['jobs', order, '--data', data, '--json']);
      expect([outcome.code, outcome.errorCode()]).toEqual([2, 'not-found']);
    }
    expect((await runCommand(['jobs', 'list', '--data', data, '--json'])).result()).toEqual({ jobs: [] });
  });
});
