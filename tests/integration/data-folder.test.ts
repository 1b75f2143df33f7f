import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import { describe, expect, it, vi } from 'vitest';
import type { AppClient } from '../../electron/core/app.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { composeHosted } from '../../electron/hosts/compose-hosted.ts';
import { keepOrder, performOrder } from '../../electron/hosts/compose-order.ts';
import { serveWeb, type Serving } from '../../electron/hosts/web/serve.ts';
import { errorOfCall } from '../helpers/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** A host of that folder, a page of it, and what it tells its terminal. */
async function serveAndOpen(data: string) {
  const notices: string[] = [];
  const host = await serveWeb({
    ...{ data, port: 0, pageFolder: tempFolder() },
    onNotice: (notice) => notices.push(notice),
  });
  return { host, page: await pageOf(host), notices };
}

/** A page of that host. */
async function pageOf(host: Serving): Promise<AppClient> {
  const origin = `http://127.0.0.1:${host.port}`;
  const opened = await fetch(host.url(), { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const headers = { cookie, origin, 'sec-fetch-site': 'same-origin' };
  return createORPCClient<AppClient>(new RPCLink({ url: `${origin}/rpc`, headers }));
}

const serve = (data: string) => serveWeb({ data, port: 0, pageFolder: tempFolder() });

async function makeBackup(data: string): Promise<string> {
  const app = compose({ data, access: 'write' });
  const id = app.services.backups.profile.take(app.services.databases.profile, 'daily');
  await app.dispose();
  return id;
}

const city = { attribute: 'city', value: 'Porto' };

/** A disk of a few megabytes needs a mount, which most users may not make. */
const canMount = process.platform === 'linux' && canMountHere();

function canMountHere(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'keepsake mount '));
  const isDone = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  if (isDone) spawnSync('umount', [place]);
  rmSync(place, { recursive: true, force: true });
  return isDone;
}

/** Writes until nothing fits any more. */
function fill(disk: string): void {
  const file = openSync(join(disk, 'filler'), 'w');
  try {
    for (const size of [65_536, 4096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        // Full, to that size.
      }
    }
  } finally {
    closeSync(file);
  }
}

describe('a profile as a file, from the page', () => {
  it('comes back as another profile with the same facts, and never over a file that is there', async () => {
    const data = join(tempFolder(), 'data');
    const app = await composeHosted({ data });
    const output = join(tempFolder(), 'me.keepsake');
    try {
      await app.client.facts.add(city);
      const [profile] = (await app.client.profiles.list({})).profiles;
      const written = await app.client.profiles.export({ id: profile?.id ?? '', output });
      expect(written).toMatchObject({ facts: 1, versions: 0, file: output });
      const again = await errorOfCall(app.client.profiles.export({ id: profile?.id ?? '', output }));
      expect(again).toMatchObject({ code: 'conflict' });
      const { profile: other } = await app.client.profiles.import({ file: output });
      expect(other.name).not.toBe(profile?.name);
      expect((await app.client.profiles.list({})).profiles).toHaveLength(2);
      await app.client.profiles.use({ id: other.id });
    } finally {
      await app.dispose();
    }
    const opened = await composeHosted({ data });
    expect((await opened.client.facts.list({})).facts.map((fact) => fact.value)).toEqual(['Porto']);
    await opened.dispose();
  });

  it('is refused in one sentence where it is no such file, and leaves no profile', async () => {
    const app = await composeHosted({ data: join(tempFolder(), 'data') });
    const file = join(tempFolder(), 'notes.txt');
    writeFileSync(file, 'nothing of the kind');
    const { message, hint } = await errorOfCall(app.client.profiles.import({ file }));
    expect([message, hint].join(' ')).not.toContain('    at ');
    expect(hint).toBeTruthy();
    expect((await app.client.profiles.list({})).profiles).toHaveLength(1);
    await app.dispose();
  });

  it('is left to the command line where there is no page', async () => {
    const app = compose({ data: tempFolder(), access: 'write' });
    const { code } = await errorOfCall(app.client.profiles.import({ file: '/nowhere' }));
    expect(code).toBe('conflict');
    await app.dispose();
  });
});

describe('a backup that is put back from the page', () => {
  it('closes the app, changes the facts, and opens it again for the same browser', async () => {
    const data = join(tempFolder(), 'data');
    const first = compose({ data, access: 'write' });
    await first.client.facts.add(city);
    await first.dispose();
    const id = await makeBackup(data);
    const host = await serve(data);
    const page = await pageOf(host);
    await page.facts.add({ attribute: 'pet', value: 'Luna' });
    expect((await page.backups.restore({ id })).backup.id).toBe(id);
    await expect
      .poll(async () => (await page.facts.list({}).catch(() => null))?.facts.map(({ value }) => value), {
        timeout: 20_000,
      })
      .toEqual(['Porto']);
    // What was there before is a copy now.
    const { backups } = await page.backups.list({});
    expect(backups.some(({ reason }) => reason === 'restore')).toBe(true);
    await host.close();
    expect(existsSync(join(data, 'after-close.json'))).toBe(false);
  });

  it('leaves the facts and the host as they were where it fails after the close, and says so', async () => {
    const data = join(tempFolder(), 'data');
    const first = compose({ data, access: 'write' });
    await first.client.facts.add(city);
    await first.dispose();
    const id = await makeBackup(data);
    const { host, page, notices } = await serveAndOpen(data);
    await page.facts.add({ attribute: 'pet', value: 'Luna' });
    vi.stubEnv('KEEPSAKE_FAULT', 'fail:backup.rename:2');
    try {
      await page.backups.restore({ id });
      await expect.poll(() => notices.length, { timeout: 20_000 }).toBe(1);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(notices[0]).toContain(`The backup ${id} was not put back, and your facts are as they were.`);
    expect(notices[0]).toContain('is full');
    await expect
      .poll(async () => (await page.facts.list({}).catch(() => null))?.facts.map(({ value }) => value))
      .toEqual(['Porto', 'Luna']);
    expect((await page.status.get({})).notice).toBe(notices[0]);
    await host.close();
  });

  it('keeps the host while the folder cannot be opened, and tells the page why', async () => {
    const data = join(tempFolder(), 'data');
    await compose({ data, access: 'write' }).dispose();
    const id = await makeBackup(data);
    const { host, page, notices } = await serveAndOpen(data);
    await page.backups.restore({ id });
    // Before it closes, which it does a moment after its answer.
    renameSync(data, `${data}-moved`);
    writeFileSync(data, 'a file in its place');
    await expect.poll(() => notices.join(), { timeout: 20_000 }).toContain('is not a folder');
    expect((await errorOfCall(page.facts.list({}))).message).toContain('is not a folder');
    rmSync(data);
    renameSync(`${data}-moved`, data);
    await expect
      .poll(async () => page.facts.list({}).catch(() => null), { timeout: 20_000 })
      .toMatchObject({ facts: [] });
    expect(notices.at(-1)).toContain(`The backup ${id} was put back.`);
    await host.close();
  });

  it('is refused before anything closes where it is damaged or unknown', async () => {
    const data = join(tempFolder(), 'data');
    await compose({ data, access: 'write' }).dispose();
    const id = await makeBackup(data);
    const app = await composeHosted({ data });
    const folder = join(data, 'profiles');
    const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith(`${id}.db`),
    );
    writeFileSync(join(folder, file ?? ''), 'not a database');
    expect(await errorOfCall(app.client.backups.restore({ id }))).toMatchObject({ code: 'database-corrupt' });
    expect(await errorOfCall(app.client.backups.restore({ id: 'x' }))).toMatchObject({ code: 'not-found' });
    expect(existsSync(join(data, 'after-close.json'))).toBe(false);
    await app.dispose();
  });
});

describe('everything that was told, deleted from the page', () => {
  it('goes with the databases, and the host ends', async () => {
    const data = join(tempFolder(), 'data');
    const host = await serve(data);
    const page = await pageOf(host);
    await page.facts.add(city);
    await page.data.deleteAll({ confirm: 'delete everything', models: false });
    expect(await host.ended).toContain('Everything that was told is deleted.');
    expect(existsSync(data) ? readdirSync(data) : []).toEqual([]);
  });

  it.skipIf(!canMount)(
    `goes from a disk that is full to the last byte${canMount ? '' : ' (skipped: no mounts here)'}`,
    async () => {
      const disk = tempFolder();
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
      try {
        const data = join(disk, 'data');
        const host = await serve(data);
        const page = await pageOf(host);
        await page.facts.add(city);
        fill(disk);
        expect(await errorOfCall(page.facts.add({ attribute: 'pet', value: 'x'.repeat(400) }))).toMatchObject(
          {
            code: 'disk-full',
          },
        );
        await page.data.deleteAll({ confirm: 'delete everything', models: false });
        expect(await host.ended).toContain('Everything that was told is deleted.');
        expect(existsSync(data) ? readdirSync(data) : []).toEqual([]);
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );

  it('needs no room to be written down first', async () => {
    const data = join(tempFolder(), 'data');
    const host = await serve(data);
    const page = await pageOf(host);
    await page.facts.add(city);
    vi.stubEnv('KEEPSAKE_FAULT', 'fail:order.keep');
    try {
      await page.data.deleteAll({ confirm: 'delete everything', models: false });
      expect(await host.ended).toContain('Everything that was told is deleted.');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(existsSync(data) ? readdirSync(data) : []).toEqual([]);
  });

  it('needs its words', async () => {
    const app = await composeHosted({ data: join(tempFolder(), 'data') });
    const wrong = { confirm: 'yes' } as unknown as { confirm: 'delete everything' };
    expect(await errorOfCall(app.client.data.deleteAll(wrong))).toMatchObject({ code: 'invalid-input' });
    await app.dispose();
  });

  it('is ended by the next start where it was killed in between', async () => {
    const data = join(tempFolder(), 'data');
    const app = compose({ data, access: 'write' });
    await app.client.facts.add(city);
    await app.dispose();
    keepOrder(data, { kind: 'delete-all', models: false });
    const opened = await composeHosted({ data });
    expect((await opened.client.facts.list({})).facts).toEqual([]);
    expect(opened.notices.join()).toContain('deleted');
    await opened.dispose();
    writeFileSync(join(data, 'after-close.json'), '{"kind":"restore"');
    expect(await performOrder(data)).toBeNull();
  });
});

describe('the local server in the app', () => {
  it('is off, listens when it is turned on, and ends with the app', async () => {
    const data = join(tempFolder(), 'data');
    const app = await composeHosted({ data });
    const { localServer } = app.client;
    expect(await localServer.get({})).toMatchObject({ on: false, key: null, url: null });
    const port = await freePort();
    const { on, url, key } = await localServer.set({ on: true, port });
    expect([on, url]).toEqual([true, `http://127.0.0.1:${port}/v1`]);
    const ask = async (token: string | null): Promise<number> =>
      await statusOf(`${url ?? ''}/models`, token ?? '');
    expect([await ask(key), await ask('wrong')]).toEqual([200, 401]);
    const renewed = await localServer.renewKey({});
    expect([await ask(key), await ask(renewed.key)]).toEqual([401, 200]);
    expect(readFileSync(join(data, 'openai-key'), 'utf8').trim()).toBe(renewed.key);
    await app.dispose();
    await expect(ask(renewed.key)).rejects.toThrow();

    // It was left on.
    const again = await composeHosted({ data });
    await expect
      .poll(async () => (await again.client.localServer.get({})).on, { timeout: 20_000 })
      .toBe(true);
    expect((await again.client.localServer.set({ on: false })).url).toBeNull();
    await expect(ask(renewed.key)).rejects.toThrow();
    await again.dispose();
    const off = await composeHosted({ data });
    expect((await off.client.localServer.get({})).on).toBe(false);
    await off.dispose();
  });

  it('says in one sentence that another program has its port, also at a start', async () => {
    const data = join(tempFolder(), 'data');
    const other = createServer();
    const port = await freePort(other);
    const app = await composeHosted({ data });
    const { message, hint } = await errorOfCall(app.client.localServer.set({ on: true, port }));
    expect(message).toContain(String(port));
    expect(hint).toBe('Another program has it. Choose another port.');
    await app.dispose();
    const again = await composeHosted({ data });
    await expect
      .poll(async () => (await again.client.localServer.get({})).problem, { timeout: 20_000 })
      .toContain(String(port));
    expect((await again.client.localServer.set({ port: await freePort(), on: true })).problem).toBeNull();
    await again.dispose();
    other.close();
  });
});

/** Each over a connection of its own. */
function statusOf(address: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(address, { agent: false, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

/** A port that is free, or, with a server, one that this server takes. */
async function freePort(keep?: ReturnType<typeof createServer>): Promise<number> {
  const server = keep ?? createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  if (keep === undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
