import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../electron/contract/entities/job.ts';
import { compose, type ComposedApp } from '../../electron/hosts/compose.ts';
import { honest, startBadServer, type BadServer, type Handler } from '../helpers/bad-server.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';

let hub: BadServer | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub?.close();
  hub = undefined;
});

function open(): ComposedApp {
  const folder = tempFolder();
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  return compose({ data: join(folder, 'data'), access: 'write' });
}

/** Answers only once `go` was called. */
function held(content: Buffer): { readonly handler: Handler; readonly go: () => void } {
  let go = (): void => undefined;
  const allowed = new Promise<void>((resolve) => (go = resolve));
  return {
    handler: (exchange, turn) => void allowed.then(() => honest(content)(exchange, turn)),
    go: () => go(),
  };
}

async function endOf(app: ComposedApp, jobId: string): Promise<Job> {
  let last: Job | undefined;
  for await (const job of await app.client.jobs.watch({ jobId })) last = job;
  if (last === undefined) throw new Error('the job told nothing');
  return last;
}

describe('a download that is asked for again', () => {
  it('while it is on its way is the same job, and after its end finds its file there', async () => {
    const content = readFileSync(makeTinyGguf(join(tempFolder(), 'a.gguf'), { seed: 7, type: 'q8_0' }));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const { handler, go } = held(content);
    hub = await startBadServer({ '/tiny.gguf': handler });
    const app = open();
    const source = hub.url('/tiny.gguf').replace('127.0.0.1', 'localhost');
    const first = await app.client.models.get({ source, sha256 });
    expect(await app.client.models.get({ source })).toEqual(first);
    expect(await app.client.models.get({ source, sha256: sha256.toUpperCase() })).toEqual(first);
    go();
    expect(await endOf(app, first.jobId)).toMatchObject({ state: 'succeeded' });
    expect(hub.paths.filter((path) => path === '/tiny.gguf')).toHaveLength(1);
    const again = await app.client.models.get({ source, sha256 });
    expect(again.jobId).not.toBe(first.jobId);
    expect((await endOf(app, again.jobId)).result).toMatchObject({ downloaded: false, added: false });
    await app.dispose();
  });

  it('after a failure is one new job, however often it is asked for', async () => {
    const content = readFileSync(makeTinyGguf(join(tempFolder(), 'a.gguf'), { seed: 8, type: 'q8_0' }));
    const { handler, go } = held(content);
    let isGone = true;
    hub = await startBadServer({
      '/tiny.gguf': (exchange, turn) => {
        if (isGone) exchange.response.writeHead(404).end();
        else handler(exchange, turn);
      },
    });
    const app = open();
    const source = hub.url('/tiny.gguf').replace('127.0.0.1', 'localhost');
    const failed = await app.client.models.get({ source });
    expect(await endOf(app, failed.jobId)).toMatchObject({ state: 'failed' });
    isGone = false;
    const second = await app.client.models.get({ source });
    expect(await app.client.models.get({ source })).toEqual(second);
    go();
    expect(await endOf(app, second.jobId)).toMatchObject({ state: 'succeeded' });
    expect((await app.client.models.list({})).models).toHaveLength(1);
    await app.dispose();
  });

  it('while it is being stopped begins when that has ended', async () => {
    const content = readFileSync(makeTinyGguf(join(tempFolder(), 'a.gguf'), { seed: 9, type: 'q8_0' }));
    const { handler, go } = held(content);
    hub = await startBadServer({ '/tiny.gguf': handler });
    const app = open();
    const source = hub.url('/tiny.gguf').replace('127.0.0.1', 'localhost');
    const first = await app.client.models.get({ source });
    await expect.poll(() => hub?.paths.length).toBe(1);
    await app.client.jobs.cancel({ jobId: first.jobId });
    const second = await app.client.models.get({ source });
    go();
    expect(await endOf(app, second.jobId)).toMatchObject({ state: 'succeeded' });
    expect(await app.client.jobs.get({ jobId: first.jobId })).toMatchObject({ state: 'cancelled' });
    await app.dispose();
  });
});
