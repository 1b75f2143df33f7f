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
  readonly data: string;
  /** Calls a method of the contract from the page, as the page itself would. */
  readonly call: <Result = unknown>(method: string, input?: object) => Promise<Result>;
  /** Goes to a route of the page. */
  readonly goTo: (route: string) => Promise<void>;
  /** Ends the host as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Starts the host again on the same folder and opens the page. */
  readonly reopen: () => Promise<void>;
};

type Options = {
  /** What the host is started with besides. */
  readonly hostEnv: Readonly<Record<string, string>>;
};

/** A test with its own data folder, host and page; it fails on any console message and any request to elsewhere. */
export const test = base.extend<Options & { app: AppHost }>({
  hostEnv: [{}, { option: true }],
  app: async ({ page, hostEnv }, use, testInfo) => {
    const data = mkdtempSync(join(tmpdir(), 'keepsake-e2e-'));
    let host = await startHost(data, hostEnv);
    const origins = new Set([host.origin]);
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
      if (protocol !== 'data:' && protocol !== 'blob:' && !origins.has(origin))
        noises.push(`request: ${request.url()}`);
    });
    const open = async (): Promise<void> => {
      await page.goto(host.url);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    };
    try {
      await open();
      await use({
        page,
        data,
        get url() {
          return host.url;
        },
        call: (method, input = {}) => call(page, method, input),
        goTo: async (route) => {
          await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
        },
        kill: () => host.stop('SIGKILL'),
        reopen: async () => {
          await host.stop();
          host = await startHost(data, hostEnv);
          origins.add(host.origin);
          await open();
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

type Host = {
  readonly url: string;
  readonly origin: string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
};

/** Starts the web host on a data folder and waits for the line with its address. */
export async function startHost(data: string, env: Readonly<Record<string, string>> = {}): Promise<Host> {
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
      env: {
        ...process.env,
        ...{ NODE_ENV: 'test', KEEPSAKE_TEST_WEB_KEY: randomBytes(32).toString('hex') },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const url = await firstAddress(child);
  return {
    url,
    origin: new URL(url).origin,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
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
