import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TrainerEvent } from '../../../electron/core/dependencies.ts';
import { createNativeTrainer } from '../../../electron/platform/native-trainer.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const fakeWorker = join(import.meta.dirname, '..', '..', 'helpers', 'fake-worker.mjs');

/** A training by the stand-in, which fails after five steps; when it ended after its last word. */
async function trainWith(fault: string, silenceMs: number) {
  const folder = tempFolder();
  const program = join(folder, 'worker.sh');
  writeFileSync(program, `#!/bin/sh\nFAKE_WORKER=${fault} exec ${process.execPath} ${fakeWorker} "$@"\n`);
  chmodSync(program, 0o755);
  const configFile = join(folder, 'config.json');
  writeFileSync(configFile, JSON.stringify({ run_id: 'run-1', gemm: 'auto' }));
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const events: TrainerEvent[] = [];
  let lastAt = 0;
  const error = await appErrorOf(() =>
    createNativeTrainer({ program, backendsDir: folder, silenceMs }).train(configFile, {
      signal: abort.signal,
      logFile: join(folder, 'log'),
      onEvent: (event) => {
        events.push(event);
        lastAt = Date.now();
      },
    }),
  );
  return {
    error,
    steps: events.filter((event) => event.type === 'step').length,
    waitedMs: Date.now() - lastAt,
  };
}

describe('a worker that fails in the middle', () => {
  it('is known to be dead within 2 s', async () => {
    const { error, steps, waitedMs } = await trainWith('dies', 60_000);
    expect([error.code, steps]).toEqual(['worker-failed', 5]);
    expect(error.message).toContain('SIGKILL');
    expect(waitedMs).toBeLessThan(2_000);
  });

  it('is ended within two seconds of the longest silence, whatever it hears', async () => {
    const { error, steps, waitedMs } = await trainWith('mute', 1_500);
    expect([error.code, steps]).toEqual(['worker-failed', 5]);
    expect(error.message).toContain('stopped answering');
    // It is looked at once a second.
    expect(waitedMs).toBeGreaterThanOrEqual(500);
    expect(waitedMs).toBeLessThan(3_500);
  });
});
