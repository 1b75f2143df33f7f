import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const debianChromium = '/usr/bin/chromium';
const isRoot = process.getuid?.() === 0;

/** The page in a real browser, over the web host; each test starts its own on a fresh data folder. */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.test.ts',
  globalSetup: './tests/e2e/helpers/build-page.ts',
  outputDir: '.keepsake-build/e2e',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.CI === undefined ? [['list']] : [['line']],
  use: {
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
    launchOptions: {
      ...(existsSync(debianChromium) && { executablePath: debianChromium }),
      // Chromium refuses its sandbox to root, and to nobody else.
      args: isRoot ? ['--no-sandbox'] : [],
    },
  },
});
