import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { compose } from '../../electron/hosts/compose.ts';
import { nodeProgram } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const program = fileURLToPath(new URL('../../electron/hosts/web/main.ts', import.meta.url));
const fixedKey = 'k'.repeat(43);

type Host = {
  /** The first line of stdout; rejects where the program ends before. */
  readonly address: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  readonly stop: (signal: NodeJS.Signals) => void;
};

function startHost(args: readonly string[], env: Record<string, string> = {}): Host {
  const child = spawn(nodeProgram, [program, ...args], { env: { ...process.env, ...env }, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Awaited<Host['ended']>>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(stdout.split('\n')[0] ?? '');
    });
    void ended.then(() => reject(new Error(stderr)));
  });
  address.catch(() => undefined);
  return { address, ended, stop: (signal) => child.kill(signal) };
}

function aPage(): string {
  const folder = join(tempFolder(), 'page');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  return folder;
}

describe('npm start -- --web', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints an address that opens the page, and ends cleanly by %s',
    async (signal) => {
      const data = join(tempFolder(), 'data');
      const host = startHost(['--data', data, '--static', aPage()]);
      const address = await host.address;
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?key=[\w-]{43}$/u);
      const opened = await fetch(address, { redirect: 'manual' });
      const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect(await (await fetch(new URL('/', address), { headers: { cookie } })).text()).toContain('page');
      host.stop(signal);
      const { code, stdout, stderr } = await host.ended;
      expect([code, stdout]).toEqual([0, `${address}\n`]);
      // For a second browser there is a second address.
      expect(stderr).toMatch(/\?key=[\w-]{43}\n$/u);
      await compose({ data, access: 'write' }).dispose();
    },
  );

  it('takes a key that was given only in tests', async () => {
    const args = ['--data', join(tempFolder(), 'data'), '--static', aPage()];
    const inTests = startHost(args, { NODE_ENV: 'test', KEEPSAKE_TEST_WEB_KEY: fixedKey });
    expect(await inTests.address).toContain(`?key=${fixedKey}`);
    inTests.stop('SIGTERM');
    await inTests.ended;
    const otherwise = startHost(args, { NODE_ENV: 'production', KEEPSAKE_TEST_WEB_KEY: fixedKey });
    expect(await otherwise.address).not.toContain(fixedKey);
    otherwise.stop('SIGTERM');
    await otherwise.ended;
  });

  it('says in one sentence that another process has the data folder', async () => {
    const data = join(tempFolder(), 'data');
    const other = compose({ data, access: 'write' });
    const { code, stdout, stderr } = await startHost(['--data', data]).ended;
    await other.dispose();
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
  });

  it('says in one sentence that a port is taken, and that the data is of a newer version', async () => {
    const data = join(tempFolder(), 'data');
    const app = compose({ data, access: 'write' });
    const profileDatabase = app.services.databases.profile.name;
    await app.dispose();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = String(typeof address === 'object' ? (address?.port ?? 0) : 0);
    const taken = await startHost(['--data', data, '--port', port]).ended;
    other.close();
    expect([taken.code, taken.stdout]).toEqual([2, '']);
    expect(taken.stderr).toContain(`The port ${port} cannot be used`);
    expect(taken.stderr.trim().split('\n')).toHaveLength(1);

    const db = new BetterSqlite(profileDatabase);
    db.pragma('user_version = 99999');
    db.close();
    const newer = await startHost(['--data', data]).ended;
    expect([newer.code, newer.stdout]).toEqual([6, '']);
    expect(newer.stderr.trim().split('\n')).toHaveLength(1);
    expect(newer.stderr).not.toContain('    at ');
  });

  it.each([
    [['--port', '99999'], '"99999" is no port'],
    [['--port', 'x'], '"x" is no port'],
    [['--data', ''], '--data needs a folder'],
    [['--public'], '--public'],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await startHost(args).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('npm start -- --web');
  });
});
