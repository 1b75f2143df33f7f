import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findElectron } from '../../scripts/lib/electron-binary.mjs';
import { buildApp } from '../../scripts/lib/steps/app.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { path, problem, isGiven } = findElectron() as { path?: string; problem?: string; isGiven: boolean };

if (path === undefined && !isGiven) process.stdout.write('skipped: no Electron binary\n');

it.skipIf(path === undefined && !isGiven)('the Electron that is there is the right one', () => {
  expect(problem).toBeUndefined();
});

describe.skipIf(path === undefined)('the real window', () => {
  let electron: ElectronApplication;
  let data: string;

  beforeAll(async () => {
    await buildApp();
    data = mkdtempSync(join(tmpdir(), 'keepsake-window-'));
    electron = await _electron.launch({
      ...(path !== undefined && { executablePath: path }),
      // Chromium has no sandbox for root.
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, '--data', data],
    });
  });
  afterAll(async () => {
    await electron.close();
    rmSync(data, { recursive: true, force: true });
  });

  it('shows the page, which has nothing of Node or Electron', async () => {
    const page = await electron.firstWindow();
    await page.locator('h1').first().waitFor();
    expect(page.url()).toMatch(/^app:\/\/keepsake\//u);
    expect(await page.evaluate('[typeof require, typeof process, typeof module]')).toEqual(
      Array(3).fill('undefined'),
    );
  });

  it('is alone, and goes nowhere', async () => {
    const page = await electron.firstWindow();
    expect(await page.evaluate('window.open("http://127.0.0.1/") === null')).toBe(true);
    await page.evaluate('void (location.href = "http://127.0.0.1/")');
    expect(page.url()).toMatch(/^app:\/\/keepsake\//u);
    expect(electron.windows()).toHaveLength(1);
  });

  it('reaches the core over its port', async () => {
    const page = await electron.firstWindow();
    await page.goto('app://keepsake/index.html#/settings/diagnostics');
    await page.getByText(data).first().waitFor();
  });
});
