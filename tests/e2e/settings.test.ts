import { existsSync } from 'node:fs';
import { expect, test } from './helpers/app-host.ts';

const city = { attribute: 'city', value: 'Porto' };

test('a profile goes into a file and comes back as another one', async ({ app }, testInfo) => {
  const { page } = app;
  await app.call('facts.add', city);
  await app.goTo('/settings/profiles');
  const file = testInfo.outputPath('me.keepsake');
  await page.getByRole('button', { name: /More for/u }).click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  await page.getByLabel('New file').fill(file);
  await page.getByRole('button', { name: 'Write' }).click();
  await expect(page.getByText(`with 1 fact is written to ${file}.`).first()).toBeVisible();
  expect(existsSync(file)).toBe(true);

  await page.getByRole('button', { name: 'Import a profile' }).click();
  await page.getByLabel('File that was exported').fill(file);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('with 1 fact is added.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: /More for/u })).toHaveCount(2);
});

test('the local server is off, is turned on with a key, and says so when its port is taken', async ({
  app,
}) => {
  const { page } = app;
  await app.goTo('/settings/server');
  const box = page.getByRole('checkbox', { name: 'Let other programs on this computer ask' });
  await expect(box).not.toBeChecked();
  // The page's own port.
  await page.getByLabel('Port').fill(new URL(app.url).port);
  await box.click({ force: true });
  await expect(page.getByText('Another program has it. Choose another port.')).toBeVisible();
  await expect(box).not.toBeChecked();
  await page.getByLabel('Port').fill(String(30_000 + (process.pid % 20_000)));
  await box.click({ force: true });
  await expect(box).toBeChecked();
  await expect(page.getByText(/^http:\/\/127\.0\.0\.1:\d+\/v1$/u)).toBeVisible();
  await expect(page.getByText(/^keepsake-/u)).toHaveCount(0);
  await page.getByRole('button', { name: 'Show' }).click();
  const key = await page.getByText(/^keepsake-/u).textContent();
  await page.getByRole('button', { name: 'Make a new key' }).click();
  await expect(page.getByText(/^keepsake-/u)).not.toHaveText(key ?? '');
  await box.click({ force: true });
  await expect(page.getByText(/^http:\/\/127/u)).toHaveCount(0);
});

test('everything is deleted only once its words are typed, and the page says that it is over', async ({
  app,
}) => {
  const { page } = app;
  await app.call('facts.add', city);
  await app.goTo('/settings/data');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  const dialog = page.getByRole('alertdialog');
  const button = dialog.getByRole('button', { name: 'Delete everything' });
  await expect(button).toBeDisabled();
  await dialog.getByRole('textbox').fill('delete everything');
  await button.click();
  await expect(page.getByRole('heading', { name: 'Everything is deleted' })).toBeVisible();
});
