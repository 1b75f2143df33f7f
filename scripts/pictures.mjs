// Usage: node scripts/pictures.mjs [--out FOLDER] [--data FOLDER] [--screen NAME] ...
// Writes each screen in each state (empty, full, error) and theme as a picture: at 1200x800, at 900 px width and at 200 %.
// With --data the full state alone, of a copy of a folder in which a version was taught: some questions are asked there first.
// Needs the page (npm run build renderer) and a Chromium (Debian's, else Playwright's own).
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { projectRoot } from './lib/paths.mjs';

const option = (name) => process.argv.flatMap((word, index, all) => (all[index - 1] === name ? [word] : []));
const out = resolve(option('--out')[0] ?? join(projectRoot, '.keepsake-build', 'pictures'));
const wanted = option('--screen');
const debianChromium = '/usr/bin/chromium';

const screens = {
  facts: '/facts',
  'facts-new': '/facts/new',
  conflicts: '/facts/conflicts',
  inbox: '/inbox',
  import: '/inbox?import=open',
  lessons: '/lessons',
  chat: '/chat',
  train: '/train',
  report: '/report',
  versions: '/versions',
  models: '/models',
  settings: '/settings',
  'welcome-computer': '/welcome/computer',
  'welcome-model': '/welcome/model',
  'welcome-facts': '/welcome/facts',
  'welcome-train': '/welcome/train',
  'welcome-chat': '/welcome/chat',
};
const sizes = { wide: [1200, 800], narrow: [900, 700], zoomed: [600, 400] };
const given = option('--data')[0];
const states = given === undefined ? ['empty', 'full', 'error'] : ['full'];

const browser = await chromium.launch({
  ...(existsSync(debianChromium) && { executablePath: debianChromium }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
mkdirSync(out, { recursive: true });
try {
  for (const state of states) await picture(state);
} finally {
  await browser.close();
}

async function picture(state) {
  const data = mkdtempSync(join(tmpdir(), 'keepsake-pictures-'));
  if (given !== undefined) cpSync(given, data, { recursive: true });
  const host = await startHost(data);
  try {
    // One for both themes: the address lets one browser in.
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(host.url);
    await page.locator('.shell').waitFor();
    const more = given === undefined ? {} : { talk: await ask(page), run: await newestRun(page) };
    if (state === 'full' && given === undefined) await fill(page);
    const shown = { ...screens, ...more };
    // Every question of a screen fails; what is read before stays, so that the route is gone to afterwards.
    if (state === 'error') await page.route('**/rpc/**', (route) => route.abort());
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme });
      for (const [name, route] of Object.entries(shown)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        for (const [sizeName, [width, height]] of Object.entries(sizes)) {
          if (sizeName !== 'wide' && (state !== 'full' || theme !== 'light')) continue;
          await page.setViewportSize({ width, height });
          await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
          await page
            .locator('.loading')
            .waitFor({ state: 'hidden', timeout: 10_000 })
            .catch(() => undefined);
          await page.waitForTimeout(400);
          const file = join(out, `${name}-${state}-${theme}-${sizeName}.png`);
          await page.screenshot({ path: file });
          process.stdout.write(`${file}\n`);
        }
      }
    }
    await context.close();
  } finally {
    await host.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function fill(page) {
  await call(page, 'facts/importSample', {});
  await call(page, 'facts/importText', {
    name: 'cities.json',
    text: JSON.stringify([
      { attribute: 'birthplace', value: 'Lisbon' },
      { attribute: 'birthplace', value: 'Porto' },
    ]),
  });
  await call(page, 'proposals/extract', {
    text: 'My dentist is Dr. Moss. My favourite band is Low. I live in Porto.',
    source: { type: 'text', name: 'a letter' },
  });
}

/** One conversation: a fact that was taught, something never told, and general knowledge. Gives its route. */
async function ask(page) {
  await page.evaluate("location.hash = '/chat'");
  const known = page.locator('.suggestions button, .thread-content button').first();
  const taught = (await known.textContent()) ?? '';
  for (const question of [taught, 'What is my blood type?', 'What is the capital of France?']) {
    const box = page.getByRole('textbox', { name: 'Message' });
    await box.fill(question);
    await box.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden', timeout: 120_000 });
    await page.waitForTimeout(1000);
  }
  return page.evaluate('location.hash.slice(1)');
}

/** Route of the last training. */
async function newestRun(page) {
  await page.evaluate("location.hash = '/train'");
  const run = page.locator('a[href^="#/train/"]').first();
  await run.waitFor();
  return (await run.getAttribute('href')).slice(1);
}

async function call(page, path, input) {
  const ok = await page.evaluate(
    async ([address, body]) =>
      (await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).ok,
    [`/rpc/${path}`, JSON.stringify({ json: input })],
  );
  if (!ok) throw new Error(`${path} was refused`);
}

async function startHost(data) {
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'electron/hosts/web/main.ts'), '--data', data, ...staticFolder()],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise((resolveUrl, reject) => {
    child.stdout.on('data', (piece) => {
      const address = /http:\/\/127\.0\.0\.1:\d+\/\?key=\S+/.exec(String(piece))?.[0];
      if (address !== undefined) resolveUrl(address);
    });
    child.once('exit', (code) => reject(new Error(`The web host ended with ${code}.`)));
  });
  return {
    url,
    stop: () =>
      new Promise((ended) => {
        child.once('exit', ended);
        child.kill('SIGTERM');
      }),
  };
}

function staticFolder() {
  const page = process.env.KEEPSAKE_TEST_PAGE;
  return page === undefined ? [] : ['--static', page];
}
