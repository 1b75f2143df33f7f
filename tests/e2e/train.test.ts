import { expect, test } from './helpers/app-host.ts';
import { answerWith, report, runDetail, runs, summary, versions } from './helpers/states.ts';
import { addTinyPerson } from './helpers/tiny-person.ts';
import { TrainPage } from './pages/train-page.ts';

test('a running training has two curves with sentences, the same numbers as a table, and what fails', async ({
  app,
}) => {
  const { page } = app;
  await answerWith(page, {
    ...{ 'runs.list': runs, 'runs.get': runDetail('running'), 'adapters.list': versions },
    'knowledge.summary': summary('running'),
  });
  await app.goTo('/train');
  await expect(page.getByRole('progressbar', { name: 'Learning' })).toHaveAttribute('aria-valuenow', '180');
  await expect(
    page.getByRole('img', {
      name: 'Right answers to held-out questions: 61 of 64 at step 180, 5 % at first.',
    }),
  ).toBeVisible();
  await expect(
    page.getByRole('img', { name: /^Error fell from 2\.40 to 0\.\d\d at step 180\.$/ }),
  ).toBeVisible();
  await expect(page.locator('.strip')).toContainText('61 of 64');
  await expect(page.getByText('Jordan teaches at Elm School.')).toBeVisible();
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('row', { name: /^180 .* 61 64$/ })).toBeVisible();
});

test('after 30 s without news the page says so', async ({ app }) => {
  const { page } = app;
  const silent = { ...runDetail('running'), lastSignAt: Date.now() - 41_000 };
  await answerWith(page, {
    ...{ 'runs.list': runs, 'runs.get': silent, 'adapters.list': versions },
    'knowledge.summary': summary('running'),
  });
  await app.goTo('/train');
  await expect(page.getByText(/^No news for 4\d s\./)).toBeVisible();
});

test('two runs are ticked and compared, the older one first', async ({ app }) => {
  const { page } = app;
  await answerWith(page, { 'runs.list': runs, 'knowledge.summary': summary('clean') });
  await app.goTo('/train');
  await page.getByText('Run of 21 Nov, 14:05, version 14').first().waitFor({ state: 'attached' });
  const boxes = page.getByRole('checkbox', { name: /Select Run/ });
  await boxes.nth(0).press('Space');
  await boxes.nth(1).press('Space');
  await page.getByRole('button', { name: 'Compare 2' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Two runs side by side');
  expect(page.url()).toContain('/train/r13/compare/r14');
});

test('without a model and facts the plan is greyed and what is missing is linked', async ({ app }) => {
  const { page } = app;
  await app.goTo('/train');
  await expect(page.getByRole('heading', { name: 'Nothing can be trained yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Add a first fact' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Facts');
});

test('the plan and the strip say one time', async ({ app }) => {
  await addTinyPerson(app);
  await app.goTo('/train');
  const train = new TrainPage(app.page);
  const plan = app.page.getByRole('region', { name: 'The next training' });
  const time = plan.locator('dl > div', { hasText: 'Time' }).locator('dd');
  await expect(time).toContainText('an estimate', { timeout: 60_000 });
  const range = /^(?<range>.+), an estimate/u.exec((await time.textContent()) ?? '')?.groups?.range;
  await expect(train.strip).toContainText(`Training takes ${range} (first run here).`);
});

test('a version that did not pass leaves its reason, what is not learned, and both ways on in the strip', async ({
  app,
}) => {
  const { page } = app;
  const rejected = { adapterId: 'a12', version: 12, reason: 'general ability 0.40', recipe: 'routed' };
  await answerWith(page, {
    ...{ 'runs.list': runs, 'adapters.list': versions, 'reports.get': report('no-general') },
    'knowledge.summary': { ...summary('rejected'), rejected },
  });
  await page.reload();
  const { strip } = new TrainPage(page);
  await expect(strip).toContainText('general ability 0.40. 4 facts are not learned yet');
  await expect(strip.getByRole('button', { name: 'Retrain' })).toBeVisible();
  await strip.getByRole('button', { name: 'See why' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Report');
});
