import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/errors.ts';
import { appMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { Downloader } from '../../../electron/core/dependencies.ts';
import { createConnections } from '../../../electron/core/settings/connections.ts';
import { createSettingsService, defaultSettings } from '../../../electron/core/settings/settings-service.ts';

let db: ReturnType<typeof openMemoryDatabase>;
beforeEach(() => {
  db = openMemoryDatabase(appMigrations);
});

const create = () =>
  createSettingsService({
    db,
    assertModel: (id) => {
      if (id !== 'base-1') throw new AppError('not-found', `There is no base model ${id}.`);
    },
  });

describe('settings', () => {
  it('are the defaults before anything was set', () => {
    expect(create().get()).toEqual(defaultSettings);
  });

  it('change only where something was given, and outlive the app', () => {
    create().set({ theme: 'dark', wizardStep: null });
    create().set({ baseModelId: 'base-1' });
    expect(create().get()).toEqual({
      ...defaultSettings,
      theme: 'dark',
      wizardStep: null,
      baseModelId: 'base-1',
    });
    expect(create().set({ baseModelId: null }).baseModelId).toBeNull();
  });

  it('refuse a base model that is not there and keep nothing of that change', () => {
    const settings = create();
    expect(() => settings.set({ theme: 'light', baseModelId: 'base-2' })).toThrow('no base model base-2');
    expect(settings.get()).toEqual(defaultSettings);
  });

  it('read a value of another version or a broken one as the default', () => {
    const settings = create();
    settings.set({ density: 'compact', letterKeys: false });
    db.prepare("UPDATE settings SET value = '\"sepia\"' WHERE key = 'user.density'").run();
    db.prepare("INSERT INTO settings VALUES ('user.theme', '{broken')").run();
    db.prepare("INSERT INTO settings VALUES ('theme', 'dark')").run();
    expect(settings.get()).toEqual({ ...defaultSettings, letterKeys: false });
  });
});

describe('the list of connections', () => {
  const clock = { now: () => 5 };
  const downloader = (hosts: readonly string[]): Downloader => ({
    download: (_request, { onConnect }) => {
      for (const host of hosts) onConnect?.(host);
      return Promise.resolve({ sha256: 'ab', url: 'https://a.example', resumedFrom: 0 });
    },
    readJson: (_url, { onConnect }) => {
      onConnect?.('hub.example');
      return Promise.resolve({});
    },
  });
  const { signal } = new AbortController();

  it('holds every host of a download and of a search with its purpose, newest first', async () => {
    const connections = createConnections({ db, clock });
    const recorded = connections.recording(downloader(['hub.example', 'cdn.example']));
    await recorded.readJson('https://hub.example/api', { signal });
    await recorded.download(
      { urls: ['https://hub.example/x'], file: '/models/tiny.gguf', sizeBytes: null, sha256: null },
      { signal },
    );
    expect(connections.list()).toEqual([
      { at: 5, host: 'cdn.example', purpose: 'get the model tiny.gguf' },
      { at: 5, host: 'hub.example', purpose: 'get the model tiny.gguf' },
      { at: 5, host: 'hub.example', purpose: 'search for models' },
    ]);
  });

  it('keeps the newest 1000', () => {
    const connections = createConnections({ db, clock });
    for (let count = 0; count < 1200; count += 1) connections.record(`host-${count}`, 'test');
    const list = connections.list();
    expect(list).toHaveLength(1000);
    expect([list[0]?.host, list.at(-1)?.host]).toEqual(['host-1199', 'host-200']);
  });

  it('ends no download where it cannot be written', () => {
    const connections = createConnections({ db, clock });
    db.pragma('query_only = 1');
    expect(() => connections.record('host', 'test')).not.toThrow();
    expect(connections.list()).toEqual([]);
  });
});
