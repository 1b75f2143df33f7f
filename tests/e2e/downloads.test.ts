import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breaksOff, honest, startBadServer, type BadServer, type Handler } from '../helpers/bad-server.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';
import { expect, test as base, type AppHost } from './helpers/app-host.ts';
import { ShellPage } from './pages/shell-page.ts';

const repository = 'someone/Tiny-GGUF';
const fileName = 'tiny-q8_0.gguf';

/** A hub with one model, which can be told to misbehave. */
type Hub = {
  readonly server: BadServer;
  readonly cache: string;
  readonly model: Buffer;
  /** How the file is given from now on. */
  give: Handler;
  /** The checksum that the hub publishes. */
  sha256: string;
};

const json =
  (value: () => unknown): Handler =>
  ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value()));
  };

const test = base.extend<{ hub: Hub }>({
  // eslint-disable-next-line no-empty-pattern -- a fixture names what it takes, and this one takes nothing
  hub: async ({}, use) => {
    const cache = mkdtempSync(join(tmpdir(), 'keepsake-e2e-'));
    const model = readFileSync(makeTinyGguf(join(cache, 'made.gguf'), { type: 'q8_0' }));
    const lines = () => [
      { type: 'file', path: fileName, size: model.length, lfs: { oid: hub.sha256, size: model.length } },
    ];
    const found = { id: repository, downloads: 1, gated: false, tags: ['gguf', 'license:mit'] };
    const server = await startBadServer({
      [`/api/models/${repository}/tree/main?recursive=true`]: json(lines),
      [`/${repository}/resolve/main/${fileName}`]: (exchange, turn) => hub.give(exchange, turn),
      '*': json(() => [{ ...found, gguf: { architecture: 'llama' } }]),
    });
    const sha256 = createHash('sha256').update(model).digest('hex');
    const hub: Hub = { server, cache, model, give: honest(model), sha256 };
    await use(hub);
    await server.close();
    rmSync(cache, { recursive: true, force: true });
  },
  hostEnv: async ({ hub }, use) => {
    await use({ HF_ENDPOINT: hub.server.url(''), XDG_CACHE_HOME: hub.cache });
  },
});

/** Finds the model on the hub and presses Get. */
async function get(app: AppHost): Promise<ShellPage> {
  const shell = new ShellPage(app.page);
  await app.goTo('/models');
  await shell.isAt('Models');
  await app.page.getByText('Search huggingface.co too').click();
  await app.page.getByRole('button', { name: `Get: ${fileName}` }).click();
  return shell;
}

const own = (app: AppHost) => app.page.getByRole('region', { name: 'On this computer' });

test('a download that was cut at half goes on from there, also after the app was ended', async ({
  app,
  hub,
}) => {
  const half = Math.floor(hub.model.length / 2);
  let cuts = 0;
  hub.give = (exchange, turn) => {
    cuts += 1;
    if (cuts === 1) breaksOff(hub.model, half)(exchange, turn);
    else exchange.response.socket?.destroy();
  };
  const shell = await get(app);
  await expect(app.page.getByRole('progressbar', { name: /^Getting/u })).toBeVisible();
  await expect.poll(() => cuts, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  await app.page.getByRole('button', { name: 'Pause' }).click();
  await expect(app.page.getByText(/What is here stays until you remove it\./u)).toBeVisible();
  await app.kill();
  hub.give = honest(hub.model);
  await app.reopen();
  await app.goTo('/models');
  await shell.isAt('Models');
  await app.page.getByRole('button', { name: 'Resume' }).click();
  await expect(own(app).getByText('tiny', { exact: false }).first()).toBeVisible({ timeout: 60_000 });
  expect(hub.server.ranges.at(-1)).toBe(`bytes=${half}-`);
});

test('a file with a wrong checksum is refused and not kept', async ({ app, hub }) => {
  hub.sha256 = 'ab'.repeat(32);
  await get(app);
  const note = app.page.getByRole('alert').filter({ hasText: 'checksum' });
  await expect(note).toBeVisible({ timeout: 60_000 });
  await expect(note).toContainText('does not match its published checksum and will not be used.');
  await expect(own(app)).toContainText('No base model is on this computer yet.');
});
