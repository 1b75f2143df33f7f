import { expect, test } from './helpers/app-host.ts';
import { answerWith, report, summary, versions } from './helpers/states.ts';

test('a version that is not approved says its reason and is used only with one of the reader', async ({
  app,
}) => {
  const { page } = app;
  await answerWith(page, { 'adapters.list': versions, 'knowledge.summary': summary('clean') });
  const asked: unknown[] = [];
  await page.route('**/rpc/adapters/activate', (route) => {
    asked.push((route.request().postDataJSON() as { json: unknown }).json);
    return route.fulfill({
      contentType: 'application/json',
      body: JSON.stringify({ json: { activeAdapterId: 'a12', adapter: versions.adapters[2] } }),
    });
  });
  await app.goTo('/versions');
  await page.getByRole('button', { name: 'Use anyway' }).click();
  const dialog = page.getByRole('dialog', { name: 'Use version 12 although it is not approved?' });
  await expect(dialog).toContainText('It invented answers to 4 of 60 things you never told it.');
  const reason = dialog.getByRole('textbox', { name: 'Why you use it' });
  await reason.fill('');
  await expect(dialog.getByRole('button', { name: 'Use anyway' })).toBeDisabled();
  await reason.fill('I want to see it.');
  await dialog.getByRole('button', { name: 'Use anyway' }).click();
  await expect(page.locator('.undo-bar')).toContainText('Version 12 answers in chat now, by your choice.');
  expect(asked).toEqual([{ id: 'a12', override: 'I want to see it.' }]);
});

test('an export warns of personal facts before it asks where to', async ({ app }) => {
  const { page } = app;
  await answerWith(page, { 'adapters.list': versions });
  await app.goTo('/versions');
  await page.getByRole('button', { name: 'Export version 11' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export version 11' });
  await expect(dialog).toContainText('What is written holds your personal facts');
  await expect(dialog.getByRole('textbox', { name: 'Where to' })).toHaveValue(/keepsake-version-11\.gguf$/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the version in use cannot be deleted, another one only after a question', async ({ app }) => {
  const { page } = app;
  await answerWith(page, { 'adapters.list': versions });
  await app.goTo('/versions');
  await page.getByRole('button', { name: 'More for version 11' }).click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More for version 10' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('alertdialog', { name: 'Delete version 10?' })).toContainText(
    'This cannot be undone.',
  );
});

test('a cell of the report filters its failures, by keyboard, and the address keeps it', async ({ app }) => {
  const { page } = app;
  await answerWith(page, { 'reports.get': report('approved'), 'adapters.list': versions });
  await app.goTo('/report');
  await expect(page.getByRole('heading', { name: 'Failures (2)' })).toBeVisible();
  await page.getByRole('button', { name: /family, temporal/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Failures (1)' })).toBeVisible();
  await expect(page.getByText('When did I leave Oslo?')).toBeVisible();
  expect(page.url()).toContain('category=family&tier=temporal');
});

test('without a general test a version is not approved, and the report says so', async ({ app }) => {
  const { page } = app;
  await answerWith(page, { 'reports.get': report('no-general'), 'adapters.list': versions });
  await app.goTo('/report');
  await expect(page.getByText('Version 11, not approved.')).toBeVisible();
  await expect(
    page.getByText('The general test did not run, so this version is not approved.'),
  ).toBeVisible();
});
