import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base, type Page } from '@playwright/test';

const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));

export type AppHost = {
  readonly page: Page;
  /** Address with the key; opening it gives the cookie. */
  readonly url: string;
  /** Calls a method of the contract from the page, as the page itself would. */
  readonly call: <Result = unknown>(method: string, input?: object) => Promise<Result>;
  /** Goes to a route of the page. */
  readonly goTo: (route: string) => Promise<void>;
};

/** A test with its own data folder, host and page; it fails on any console message and any request to elsewhere. */
export const test = base.extend<{ app: AppHost }>({
  app: async ({ page }, use, testInfo) => {
    const data = mkdtempSync(join(tmpdir(), 'keepsake-e2e-'));
    const host = await startHost(data);
    const noises: string[] = [];
    page.on('console', (message) => {
      // The browser's own line about a refused call, which the page shows to its reader.
      const isRefusal =
        message.text().startsWith('Failed to load resource') && message.location().url.includes('/rpc/');
      if (!isRefusal) noises.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => noises.push(`error: ${error.message}`));
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:' && origin !== host.origin)
        noises.push(`request: ${request.url()}`);
    });
    try {
      await page.goto(host.url);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await use({
        page,
        url: host.url,
        call: (method, input = {}) => call(page, method, input),
        goTo: async (route) => {
          await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
        },
      });
      expect(noises).toEqual([]);
    } finally {
      await testInfo.attach('noises', { body: noises.join('\n') });
      await host.stop();
      rmSync(data, { recursive: true, force: true });
    }
  },
});

export { expect };

async function call<Result>(page: Page, method: string, input: object): Promise<Result> {
  return await page.evaluate(
    async ([path, body]) => {
      const response = await fetch(`/rpc/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const answer = (await response.json()) as { json: Result };
      if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer.json)}`);
      return answer.json;
    },
    [method.replace('.', '/'), JSON.stringify({ json: input })] as const,
  );
}

type Host = { readonly url: string; readonly origin: string; readonly stop: () => Promise<void> };

/** Starts the web host on a data folder and waits for the line with its address. */
export async function startHost(data: string): Promise<Host> {
  const page = process.env.KEEPSAKE_TEST_PAGE;
  const child = spawn(
    process.execPath,
    [
      join(projectRoot, 'electron/hosts/web/main.ts'),
      ...['--data', data],
      ...(page === undefined ? [] : ['--static', page]),
    ],
    {
      cwd: projectRoot,
      env: { ...process.env, NODE_ENV: 'test', KEEPSAKE_TEST_WEB_KEY: randomBytes(32).toString('hex') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const url = await firstAddress(child);
  return {
    url,
    origin: new URL(url).origin,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (piece: Buffer) => {
      said += piece.toString();
      const address = /^(http:\/\/127\.0\.0\.1:\d+\/\?key=\S+)$/m.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`The web host ended with ${String(code)}: ${said}`)));
  });
}
