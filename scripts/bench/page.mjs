/* global document, window, requestAnimationFrame, addEventListener, MessageChannel, PerformanceObserver */
// How fast the page is with very many facts and conversations, in a real Chromium over the web host.
//
// Usage: node scripts/bench/page.mjs [--facts 10000] [--conversations 500] [--rounds 10] [--data DIR] [--write]
//
// Needs the page (npm run build renderer) and a Chromium (Debian's, else Playwright's own). --data keeps the folder that is
// filled, or takes it as it is; --write writes docs/results/page-speed.md. It needs a quiet machine.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { projectRoot } from '../lib/paths.mjs';
import { fillFolder } from './many-facts.mjs';

const { values } = parseArgs({
  options: {
    facts: { type: 'string', default: '10000' },
    conversations: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '10' },
    data: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const built = join(projectRoot, '.keepsake-build', 'app', 'renderer');
const debianChromium = '/usr/bin/chromium';

const data = values.data ?? mkdtempSync(join(tmpdir(), 'keepsake-bench-page-'));
if (!existsSync(join(data, 'profiles')))
  await fillFolder(data, { facts: Number(values.facts), conversations: Number(values.conversations) });
const host = await startHost();
const browser = await chromium.launch({
  ...(existsSync(debianChromium) && { executablePath: debianChromium }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const results = [];
try {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  await page.goto(host.url);
  await page.locator('.shell').waitFor();
  await measureStart(page);
  await measureTyping(page);
  await measureScrolling(page);
  await measureConversations(page);
  const scripts = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'));
  const bytes = scripts.map((name) => gzipSync(readFileSync(join(built, 'assets', name))).length);
  note('renderer JS, gzip, in all', [bytes.reduce((sum, each) => sum + each, 0) / 1000], 'kB', 350);
} finally {
  await browser.close();
  await host.stop();
  if (values.data === undefined) rmSync(data, { recursive: true, force: true });
}
const table = results.map(
  ({ name, n, median, most, unit, limit, of }) =>
    `| ${name} | ${n} | ${median} ${unit} | ${most} ${unit} | ${limit === null ? '-' : `${of} <= ${limit} ${unit}`} |`,
);
const lines = ['| What | n | Median | Most | Limit |', '|---|--:|--:|--:|---|', ...table];
console.log(lines.join('\n'));
if (values.write) writeFileSync(join(projectRoot, 'docs/results/page-speed.md'), describe(lines));

/** From navigation until the first screen takes a key: facts are listed and the search field can be written in. */
async function measureStart(page) {
  const times = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Away first: the same address with another hash would be no navigation.
    await page.goto('about:blank');
    await page.goto(`${host.origin}/#/facts`, { waitUntil: 'commit' });
    await page.waitForFunction(
      () =>
        document.querySelectorAll('[role=row]').length > 5 &&
        document.querySelector('[role=searchbox], input[type=search]') !== null,
      undefined,
      { polling: 'raf' },
    );
    times.push(await page.evaluate(() => performance.now()));
  }
  note('navigation to first screen, facts listed', times, 'ms', 1500);
}

/** Each key: from the event to the next frame, and until the rows are those of the search. */
async function measureTyping(page) {
  const field = page.locator('main [role=searchbox], main input[type=search]').first();
  const [frames, shown] = [[], []];
  for (const word of ['person 12', 'birthday', 'luna', '417']) {
    await field.fill('');
    await page.waitForTimeout(600);
    for (const key of word) {
      await page.evaluate(watchKey);
      await field.press(key === ' ' ? 'Space' : key);
      const { frame } = await page.evaluate(() => window.keyWatched);
      frames.push(frame);
    }
    shown.push(
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            const begun = performance.now();
            let last = document.querySelector('[role=grid]')?.textContent ?? '';
            let changed = begun;
            const look = () => {
              const text = document.querySelector('[role=grid]')?.textContent ?? '';
              const now = performance.now();
              if (text !== last) [last, changed] = [text, now];
              if (now - changed > 500) resolve(changed - begun);
              else requestAnimationFrame(look);
            };
            look();
          }),
      ),
    );
  }
  note('a key in the filter, event to next frame', frames, 'ms', 50);
  note('last key to the last change of the list', shown, 'ms', null);
  const searches = [];
  for (const search of ['person 12', 'birthday', 'luna', '417', 'no such thing'])
    for (let round = 0; round < 4; round += 1) {
      const body = JSON.stringify({ json: { search, limit: 100 } });
      searches.push(await timeCall(page, 'facts/list', body));
    }
  note('search among facts, asked by the page', searches, 'ms', 100);
}

/** Runs in the page: the time from the next key to the frame after it. */
function watchKey() {
  window.keyWatched = new Promise((resolve) => {
    addEventListener(
      'keydown',
      (event) => {
        // After the frame's work, which a message port reaches once it is drawn.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve({ frame: performance.now() - event.timeStamp });
          port2.postMessage(null);
        });
      },
      { once: true, capture: true },
    );
  });
}

/** Turns the wheel over the list; every long task of the page counts. */
async function measureScrolling(page) {
  await page.locator('main [role=searchbox], main input[type=search]').first().fill('');
  await page.waitForTimeout(800);
  const grid = await page.locator('[role=grid]').first().boundingBox();
  await page.mouse.move(grid.x + grid.width / 2, grid.y + grid.height / 2);
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      window.longTasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask' });
  });
  for (let turn = 0; turn < 120; turn += 1) {
    await page.mouse.wheel(0, turn < 80 ? 700 : -900);
    await page.waitForTimeout(16);
  }
  await page.waitForTimeout(500);
  const tasks = await page.evaluate(() => window.longTasks);
  note('longest task while scrolling 80 screens (none: 0)', [0, ...tasks], 'ms', 50, 'most');
  note('tasks over 50 ms while scrolling', [tasks.length], '', 0);
}

async function measureConversations(page) {
  const searches = [];
  for (const search of ['garden', 'journey', 'radio', '417'])
    for (let round = 0; round < 5; round += 1) {
      const body = JSON.stringify({ json: { search, limit: 50 } });
      searches.push(await timeCall(page, 'conversations/list', body));
    }
  note('search among conversations, asked by the page', searches, 'ms', 100);
}

function timeCall(page, path, body) {
  return page.evaluate(
    async ([address, text]) => {
      const begun = performance.now();
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(address, { method: 'POST', headers, body: text });
      await response.json();
      if (!response.ok) throw new Error(`${address} was refused`);
      return performance.now() - begun;
    },
    [`/rpc/${path}`, body],
  );
}

function note(name, numbers, unit, limit, of = 'median') {
  const sorted = numbers.toSorted((one, other) => one - other);
  const round = (number) => Math.round(number * 10) / 10;
  const median = round(sorted[Math.floor((sorted.length - 1) / 2)]);
  results.push({ name, n: numbers.length, median, most: round(sorted.at(-1)), unit, limit, of });
}

function describe(lines) {
  const { model } = cpus()[0] ?? { model: 'unknown' };
  return [
    '# Speed of the page',
    '',
    `\`node scripts/bench/page.mjs --write\`, ${values.facts} facts and ${values.conversations} conversations, host already listening.`,
    `${cpus().length} cores (${model.trim()}); load at the end ${loadavg()[0].toFixed(1)}.`,
    '',
    ...lines,
    '',
  ].join('\n');
}

async function startHost() {
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'electron/hosts/web/main.ts'), '--data', data, '--static', built],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      const address = /http:\/\/127\.0\.0\.1:\d+\/\?key=\S+/.exec(String(piece))?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`The web host ended with ${code}.`)));
  });
  return {
    url,
    origin: new URL(url).origin,
    stop: () =>
      new Promise((ended) => {
        child.once('exit', ended);
        child.kill('SIGTERM');
      }),
  };
}
