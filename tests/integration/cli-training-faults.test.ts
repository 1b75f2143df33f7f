import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand, type CommandOptions } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const fakeWorker = fileURLToPath(new URL('../helpers/fake-worker.mjs', import.meta.url));

/** A data folder with one fact. */
async function folderWithFact(): Promise<string> {
  const data = tempFolder();
  await runCommand(['facts', 'add', '--attribute', 'city', '--value', 'Porto', '--data', data]);
  return data;
}

function withWorker(fault: string, env: Record<string, string> = {}): CommandOptions {
  return { env: { KEEPSAKE_WORKER: fakeWorker, FAKE_WORKER: fault, ...env } };
}

async function runsOf(data: string): Promise<string[]> {
  const { facts, jobs, adapters } = (await runCommand(['status', '--data', data, '--json'])).result() as {
    facts: { total: number };
    jobs: { state: string }[];
    adapters: number;
  };
  return [`${facts.total} fact`, `${adapters} adapters`, ...jobs.map((job) => job.state)];
}

/** The run that a start of the worker was for. */
const runOf = (line: string | undefined): string | undefined => line?.split(' ')[1];

describe('a training whose worker fails', () => {
  it.each([
    ['prints garbage', 'garbage', 7, 'worker-protocol'],
    ['is killed', 'killed', 7, 'worker-failed'],
    ['ends without a result', 'silent-end', 7, 'worker-failed'],
    ['has too little memory', 'memory', 4, 'not-enough-memory'],
  ])('since it %s ends with a clear error and loses nothing', async (_title, fault, code, errorCode) => {
    const data = await folderWithFact();
    const outcome = await runCommand(
      ['train', '--recipe', 'quick', '--data', data, '--json'],
      withWorker(fault),
    );
    expect([outcome.code, outcome.errorCode()]).toEqual([code, errorCode]);
    expect(await runsOf(data)).toEqual(['1 fact', '0 adapters']);
  });

  it('says what to do when the worker was never built', async () => {
    const data = await folderWithFact();
    const env = { KEEPSAKE_WORKER: join(data, 'nowhere') };
    const outcome = await runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], { env });
    expect(outcome.errorCode()).toBe('setup-missing');
  });
});

describe('Ctrl-C in a training', () => {
  /** Runs a training that is interrupted once it takes its first step; gives the outcome. */
  async function interrupted(data: string, signal: NodeJS.Signals, log: string) {
    return runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], {
      ...withWorker('patient', { FAKE_WORKER_LOG: log }),
      onStart: (child) => {
        let text = '';
        child.stdout?.on('data', (chunk: string) => {
          text += chunk;
          if (!text.includes('"title":"Learning"')) return;
          // As a terminal, npm and its wrapper do: the same press comes several times.
          for (let times = 0; times < 3; times += 1) child.kill(signal);
        });
      },
    });
  }

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '(%s) stops the worker and the same command goes on',
    async (signal) => {
      const data = await folderWithFact();
      const log = join(data, 'starts.txt');
      writeFileSync(log, '');
      for (let round = 0; round < 2; round += 1) {
        const outcome = await interrupted(data, signal, log);
        expect([outcome.code, outcome.errorCode()]).toEqual([3, 'cancelled']);
      }
      // Both rounds are the same run, so that its checkpoint is gone on with.
      const [first, second] = readFileSync(log, 'utf8').trim().split('\n');
      expect(runOf(second)).toBe(runOf(first));
      expect(await runsOf(data)).toEqual(['1 fact', '0 adapters']);
    },
  );

  it('that kills the program at once leaves the run to be gone on with', async () => {
    const data = await folderWithFact();
    const log = join(data, 'starts.txt');
    writeFileSync(log, '');
    expect((await interrupted(data, 'SIGKILL', log)).signal).toBe('SIGKILL');
    expect(await runsOf(data)).toEqual(['1 fact', '0 adapters', 'interrupted']);
    expect((await interrupted(data, 'SIGINT', log)).code).toBe(3);
    const [first, second] = readFileSync(log, 'utf8').trim().split('\n');
    expect(runOf(second)).toBe(runOf(first));
  });
});

describe('a second Ctrl-C', () => {
  it('ends the program at once, and the worker with it', async () => {
    const data = await folderWithFact();
    let pressedAt = 0;
    const outcome = await runCommand(['train', '--recipe', 'quick', '--data', data, '--json'], {
      ...withWorker('stubborn'),
      onStart: (child) => {
        let text = '';
        child.stdout?.on('data', (chunk: string) => {
          text += chunk;
          if (pressedAt > 0 || !text.includes('"title":"Learning"')) return;
          pressedAt = Date.now();
          // Later than what counts as the same press.
          const presses = setInterval(() => child.kill('SIGINT'), 700);
          child.on('exit', () => clearInterval(presses));
        });
      },
    });
    expect(outcome.code).toBe(3);
    // The polite way would take ten seconds with such a worker.
    expect(Date.now() - pressedAt).toBeLessThan(9000);
    expect(await runsOf(data)).toEqual(['1 fact', '0 adapters', 'interrupted']);
  });
});

describe('a base model', () => {
  it('that changed after it was added is refused', async () => {
    const data = await folderWithFact();
    const file = join(data, 'base.gguf');
    writeFileSync(file, `GGUF${'x'.repeat(1000)}`);
    const options = withWorker('patient');
    const added = await runCommand(['models', 'add', file, '--data', data, '--json'], options);
    expect(added.result()).toMatchObject({ added: true });
    const base = String(added.result().id);
    expect((await runCommand(['dataset', 'build', '--base', base, '--data', data], options)).code).toBe(0);
    appendFileSync(file, 'y');
    for (const args of [
      ['dataset', 'build', '--base', base],
      ['train', '--base', file],
    ]) {
      const outcome = await runCommand([...args, '--data', data, '--json'], options);
      expect([outcome.code, outcome.errorCode()]).toEqual([5, 'model-changed']);
    }
  });
});
