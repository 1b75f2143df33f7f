import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostMethods } from '../../../electron/contract/host.ts';
import type { Methods } from '../../../electron/contract/methods.ts';
import { compose, type ComposedApp } from '../../../electron/hosts/compose.ts';
import { createFakeElectron, type FakeElectron } from '../../helpers/fake-electron.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

type Client = ContractRouterClient<Methods & HostMethods>;

let electron: FakeElectron;
let data: string;
let page: string;
let core: ComposedApp | undefined;
/** What `jobs.list` tells in the place of the core, where a test says so. */
let jobs: object[] | undefined;
const argv = process.argv;

beforeEach(() => {
  data = join(tempFolder(), 'data');
  page = join(tempFolder(), 'page');
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>window</title>');
  jobs = undefined;
});
afterEach(async () => {
  process.argv = argv;
  vi.doUnmock('electron');
  vi.unstubAllGlobals();
  if (electron.exits.length === 0) await core?.dispose();
  core = undefined;
});

/** Starts the main program with these arguments. */
async function start(
  args: readonly string[] = [],
  options: { readonly isFirst?: boolean } = {},
): Promise<void> {
  vi.resetModules();
  electron = createFakeElectron(options);
  process.argv = ['electron', '.', '--data', data, ...args];
  vi.doMock('electron', () => electron.module);
  vi.doMock('../../../electron/hosts/page/built.ts', () => ({
    builtPage: page,
    builtPreload: '/preload.cjs',
  }));
  vi.doMock('../../../electron/hosts/compose.ts', async (load) => {
    const actual = await load<{ readonly compose: typeof compose }>();
    return {
      compose: (given: Parameters<typeof compose>[0]) => {
        const real = actual.compose(given);
        core = real;
        const list: ComposedApp['client']['jobs']['list'] = async (...input) =>
          jobs === undefined ? real.client.jobs.list(...input) : ({ jobs } as never);
        return { ...real, client: { jobs: { list }, events: real.client.events } };
      },
    };
  });
  await import('../../../electron/hosts/desktop/main.ts');
  await vi.waitUntil(() => electron.windows.length + electron.exits.length > 0);
}

const opened = () => {
  const [window] = electron.windows;
  if (window === undefined) throw new Error('no window was opened');
  return window;
};

/** Loads the preload script for a page and gives the page's side of it. */
async function loadPreload(): Promise<{
  post: (data: unknown, port: MessagePort, source?: unknown) => void;
}> {
  const listeners: ((event: object) => void)[] = [];
  const window = {
    addEventListener: (_name: string, listener: (event: object) => void) => listeners.push(listener),
  };
  vi.resetModules();
  vi.doMock('electron', () => ({
    ipcRenderer: {
      postMessage: (channel: string, _message: unknown, ports: MessagePort[]) =>
        electron.send(channel, ports),
    },
  }));
  vi.stubGlobal('window', window);
  await import('../../../electron/hosts/desktop/preload.ts');
  return {
    post: (message, port, source = window) =>
      listeners.forEach((listener) => listener({ data: message, ports: [port], source })),
  };
}

/** As the page connects: a port to the preload script, the rest over it. */
async function connect(): Promise<Client> {
  const { port1, port2 } = electron.createChannel();
  (await loadPreload()).post('keepsake:connect', port2);
  port1.start();
  return createORPCClient<Client>(new RPCLink({ port: port1 }));
}

describe('the window', () => {
  it('is one, sandboxed, and opens the page', async () => {
    await start();
    expect(electron.windows).toHaveLength(1);
    expect(opened().options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      preload: '/preload.cjs',
    });
    expect(opened().webContents.loaded).toEqual(['app://keepsake/index.html#/']);
    expect(electron.schemes).toMatchObject([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
  });

  it('gives the files of the page with its policy, and nothing else', async () => {
    await start();
    const answer = await electron.fetchPage('app://keepsake/index.html#/facts');
    expect(await answer.text()).toContain('window');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    writeFileSync(join(page, '..', 'secret.js'), 'secret');
    for (const url of [
      ...['app://keepsake/../secret.js', 'app://keepsake/%2e%2e/secret.js', 'app://keepsake/..%2fsecret.js'],
      ...['app://other/index.html', 'app://keepsake.evil/index.html', 'app://keepsake/nothing.js'],
    ]) {
      expect((await electron.fetchPage(url)).status, url).toBe(404);
    }
    expect((await electron.fetchPage('app://keepsake/index.html', 'POST')).status).toBe(404);
  });

  it('passes the contract to the page over one port, and back', async () => {
    await start();
    const client = await connect();
    const added = await client.facts.add({ attribute: 'city', value: 'Pörto <b>' });
    expect(added.fact.value).toBe('Pörto <b>');
    expect(core?.services.facts.count()).toBe(1);
    await expect(client.facts.remove({ id: 'nobody' })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
    const events = await client.events.watch({});
    expect((await events.next()).value).toEqual({ type: 'hello' });
    await events.return();
  });

  it('opens dialogs and the data folder for the page', async () => {
    await start();
    const { host } = await connect();
    expect(await host.chooseFile({ kind: 'model' })).toEqual({ path: '/models/own.gguf' });
    expect(electron.chosen[0]).toEqual({
      properties: ['openFile'],
      filters: [{ name: 'Model', extensions: ['gguf'] }],
    });
    expect(await host.chooseSave({ name: 'facts.json' })).toEqual({ path: null });
    await host.openDataFolder({});
    expect(electron.outside).toEqual([data]);
    await host.copyText({ text: 'Luna' });
    expect(electron.written).toEqual(['Luna']);
  });
});

describe('the preload script', () => {
  it('passes on one port, and only what the page itself posts', async () => {
    await start();
    const { post } = await loadPreload();
    const { port1, port2 } = electron.createChannel();
    const seen: unknown[] = [];
    electron.module.ipcMain.on('keepsake:connect', (event: unknown) => seen.push(event));
    post('keepsake:other', port2);
    post({ type: 'keepsake:connect' }, port2);
    post('keepsake:connect', port2, { a: 'frame' });
    expect(seen).toHaveLength(0);
    post('keepsake:connect', port2);
    post('keepsake:connect', electron.createChannel().port2);
    expect(seen).toHaveLength(1);
    port1.close();
  });
});

describe('a port from a stranger', () => {
  it.each([
    ['a frame in the page', { senderFrame: { parent: {}, url: 'app://keepsake/index.html' } }],
    ['another address', { senderFrame: { parent: null, url: 'https://evil.example/app://keepsake/' } }],
    ['an address that begins alike', { senderFrame: { parent: null, url: 'app://keepsake.evil/' } }],
    ['a page that has gone', { senderFrame: null }],
    ['another window', { sender: {} }],
  ])('is closed: %s', async (_name, from) => {
    await start();
    const { port1, port2 } = electron.createChannel();
    const [port] = electron.send('keepsake:connect', [port2], from);
    expect(port?.isClosed).toBe(true);
    port1.close();
  });
});

describe('the page', () => {
  it('goes nowhere', async () => {
    await start();
    const { webContents: contents } = opened();
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
      expect(contents.navigates(event, 'https://evil.example/')).toBe(false);
      expect(contents.navigates(event, 'file:///etc/passwd')).toBe(false);
      expect(contents.navigates(event, 'app://keepsake/index.html#/facts')).toBe(true);
    }
    expect(electron.isPrevented(contents, 'will-attach-webview')).toBe(true);
  });

  it('opens an address outside only after asking, and only one of https', async () => {
    await start();
    const open = (url: string): unknown => opened().webContents.openHandler?.({ url } as never);
    electron.answers.push(1, 0);
    expect(open('https://example.org/a')).toEqual({ action: 'deny' });
    await vi.waitFor(() => expect(electron.boxes).toHaveLength(1));
    expect(electron.outside).toEqual([]);
    open('https://example.org/b');
    await vi.waitFor(() => expect(electron.outside).toEqual(['https://example.org/b']));
    for (const url of [
      ...['http://example.org/', 'file:///etc/passwd', 'javascript:alert(1)', 'https://me:you@example.org/'],
      ...['smb://example.org/', 'keepsake://facts/1', ''],
    ]) {
      expect(open(url)).toEqual({ action: 'deny' });
    }
    expect(electron.boxes).toHaveLength(2);
  });

  it('is allowed nothing, and reaches nothing', async () => {
    await start();
    const { request, check, device, before } = electron.permissions as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const said: unknown[] = [];
    for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) {
      request?.(null, name, (answer: unknown) => said.push(answer));
      said.push(check?.(null, name));
    }
    said.push(device?.({}));
    expect(new Set(said)).toEqual(new Set([false]));
    const cancelled = (url: string): boolean => {
      let cancel = false;
      before?.({ url }, (answer: { cancel: boolean }) => (cancel = answer.cancel));
      return cancel;
    };
    expect(['https://a.example/', 'http://127.0.0.1/', 'file:///x', 'ws://a/'].map(cancelled)).not.toContain(
      false,
    );
    expect(cancelled('app://keepsake/assets/a.js')).toBe(false);
  });

  it('is loaded again when it crashes, once by itself, and finds the app as it was', async () => {
    await start();
    await (await connect()).facts.add({ attribute: 'city', value: 'Porto' });
    opened().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(opened().webContents.reloads).toBe(1);
    expect((await (await connect()).facts.list({})).facts).toHaveLength(1);
    opened().webContents.emit('render-process-gone', {}, { reason: 'oom' });
    await vi.waitFor(() => expect(opened().webContents.reloads).toBe(2));
    expect(electron.boxes[0]?.message).toContain('Your data is safe');
  });
});

describe('a second start', () => {
  it('leaves it to the first, which shows itself at the place of the link', async () => {
    await start([], { isFirst: false });
    expect([electron.exits, electron.windows]).toEqual([[0], []]);
    await start();
    electron.module.app.emit('second-instance', {}, ['electron', '.', 'keepsake://facts/abc-1']);
    expect(opened().webContents.loaded.at(-1)).toBe('app://keepsake/index.html#/facts/abc-1');
    expect(opened().acts).toEqual(['show', 'focus']);
    electron.module.app.emit('second-instance', {}, ['electron', '.']);
    expect(opened().webContents.loaded).toHaveLength(2);
  });

  it.each([
    'keepsake://facts/../settings',
    'keepsake://facts/a?do=delete',
    'keepsake://nowhere',
    'keepsake://facts/a/b',
    'https://example.org/',
  ])('goes nowhere by %s', async (link) => {
    await start();
    electron.module.app.emit('open-url', { preventDefault: () => undefined }, link);
    expect(opened().webContents.loaded).toEqual(['app://keepsake/index.html#/']);
  });

  it('opens at the place of a link that started it, and where the window stood', async () => {
    mkdirSync(join(data, 'window'), { recursive: true });
    const stored = { x: 50, y: 60, width: 1000, height: 640, maximised: false };
    writeFileSync(join(data, 'window', 'window.json'), JSON.stringify(stored));
    await start(['keepsake://versions']);
    expect(opened().webContents.loaded).toEqual(['app://keepsake/index.html#/versions']);
    expect(opened().options).toMatchObject({ x: 50, y: 60, width: 1000, height: 640 });
    opened().emit('close', { preventDefault: () => undefined });
    const kept: unknown = JSON.parse(readFileSync(join(data, 'window', 'window.json'), 'utf8'));
    expect(kept).toEqual({ x: 10, y: 20, width: 900, height: 700, maximised: false });
  });

  it('says that another process has the data folder, and ends with the code for it', async () => {
    const other = compose({ data, access: 'write' });
    try {
      await start();
      expect(electron.exits).toEqual([6]);
      expect(electron.errors).toHaveLength(1);
      expect(electron.errors[0]?.title).toMatch(/\.$/u);
      expect(electron.windows).toHaveLength(0);
    } finally {
      await other.dispose();
    }
  });
});

describe('quitting', () => {
  const learning = { id: 'j', kind: 'train', state: 'running', endedAt: null };

  it('closes the data folder and asks nothing while nothing is learnt', async () => {
    await start();
    expect(electron.isPrevented(opened(), 'close')).toBe(true);
    await vi.waitFor(() => expect(electron.exits).toEqual([0]));
    expect(electron.boxes).toEqual([]);
    await compose({ data, access: 'write' }).dispose();
  });

  it('asks while a training runs; cancelled, it stays', async () => {
    await start();
    jobs = [learning];
    electron.answers.push(2);
    expect(electron.isPrevented(electron.module.app, 'before-quit')).toBe(true);
    await vi.waitFor(() => expect(electron.boxes).toHaveLength(1));
    expect(electron.boxes[0]?.buttons).toEqual([
      'Finish in the background',
      'Stop and keep the checkpoint',
      'Cancel',
    ]);
    expect([electron.exits, opened().acts]).toEqual([[], []]);
  });

  it('stops the training when that is chosen', async () => {
    await start();
    jobs = [learning];
    electron.answers.push(1);
    electron.isPrevented(opened(), 'close');
    await vi.waitFor(() => expect(electron.exits).toEqual([0]));
  });

  it('starts anew to put a backup back, and ends for good to delete everything', async () => {
    await start();
    await core?.client.facts.add({ attribute: 'city', value: 'Porto' });
    const db = core?.services.databases.profile;
    const id = db === undefined ? '' : (core?.services.backups.profile.take(db, 'daily') ?? '');
    await core?.client.facts.add({ attribute: 'pet', value: 'Luna' });
    await core?.client.backups.restore({ id });
    await vi.waitFor(() => expect([electron.starts, electron.exits]).toEqual([[0], [0]]));

    await start();
    const { facts } = (await core?.client.facts.list({})) ?? { facts: [] };
    expect(facts.map(({ value }) => value)).toEqual(['Porto']);
    await core?.client.data.deleteAll({ confirm: 'delete everything' });
    await vi.waitFor(() => expect([electron.starts, electron.exits]).toEqual([[], [0]]));
    expect(existsSync(join(data, 'profiles'))).toBe(false);
  });

  it('finishes in the background, can be taken back, and ends from the tray', async () => {
    await start();
    jobs = [learning];
    electron.answers.push(0);
    electron.isPrevented(opened(), 'close');
    await vi.waitFor(() => expect(opened().acts).toEqual(['hide']));
    const [tray] = electron.trays;
    tray?.items[0]?.click();
    expect([opened().acts.at(-1), tray?.isGone]).toEqual(['show', true]);
    electron.answers.push(0);
    electron.isPrevented(opened(), 'close');
    await vi.waitFor(() => expect(electron.trays).toHaveLength(2));
    electron.trays[1]?.items[1]?.click();
    await vi.waitFor(() => expect(electron.exits).toEqual([0]));
  });
});
