import { expect, test } from './helpers/app-host.ts';
import { addTinyPerson } from './helpers/tiny-person.ts';
import { ShellPage } from './pages/shell-page.ts';

test('a newcomer walks through the first steps with the made-up person, by keyboard alone', async ({
  app,
}) => {
  const shell = new ShellPage(app.page);
  await shell.isAt('What this computer can do');
  const sample = app.page.getByRole('button', { name: 'Try it with a made-up person' });
  await expect(sample).toBeVisible();
  await tabTo(shell, 'Try it with a made-up person');
  await shell.press('Enter');
  await shell.isAt('Choose a base model');
  await expect(shell.heading).toBeVisible();
  await shell.press('Control+Enter');
  await shell.isAt('What should it know about you?');
  await expect(
    app.page.getByText(/That is enough for a first training|facts for a good first training/),
  ).toBeVisible();
  await shell.press('Control+Enter');
  await shell.isAt('Teach the model');
  await tabTo(shell, 'Next');
  await shell.press('Enter');
  await shell.isAt('The first chat');
  await expect(app.page.getByText('This one you never told it.')).toBeVisible();
  await shell.press('Control+Enter');
  await shell.isAt('Chat');
  const { wizardStep } = await app.call<{ wizardStep: string | null }>('settings.get');
  expect(wizardStep).toBeNull();
});

test('leaving the first steps at the third and coming again returns there with every answer', async ({
  app,
}) => {
  const shell = new ShellPage(app.page);
  await app.page.getByRole('button', { name: 'Next' }).click();
  await shell.isAt('Choose a base model');
  await app.page.getByRole('button', { name: 'Next' }).click();
  await shell.isAt('What should it know about you?');
  const name = app.page.getByRole('textbox', { name: 'What is your first name?' });
  await name.fill('Robin');
  await name.press('Enter');
  await expect(app.page.getByText('Saved', { exact: true })).toHaveCount(1);
  await app.page.getByRole('button', { name: 'Leave, go on later' }).click();
  await shell.isAt('Facts');

  await app.page.goto(app.url);
  await shell.isAt('What should it know about you?');
  await expect(name).toHaveValue('Robin');
  await expect(app.page.getByText('Saved', { exact: true })).toHaveCount(1);
});

test('an answer that is a sentence is kept as its value', async ({ app }) => {
  const shell = new ShellPage(app.page);
  await app.goTo('/welcome/facts');
  await shell.isAt('What should it know about you?');
  const city = app.page.getByRole('textbox', { name: 'In which city do you live?' });
  await city.fill('I live in Leipzig.');
  await city.press('Enter');
  await expect(city).toHaveValue('Leipzig');
  await expect(app.page.getByText('Saved', { exact: true })).toHaveCount(1);
  const { facts } = await app.call<{ facts: { statement: string }[] }>('facts.list');
  expect(facts.map(({ statement }) => statement)).toEqual(['Your home city is Leipzig.']);
});

test('proposals are reviewed within the step of the facts', async ({ app }) => {
  const shell = new ShellPage(app.page);
  await app.call('proposals.extract', {
    text: 'My cat is called Luna. I live in Porto.',
    source: { type: 'text', name: 'a letter' },
  });
  await app.goTo('/welcome/facts');
  await app.page.getByRole('button', { name: 'Review them' }).press('Enter');
  const list = app.page.getByRole('list', { name: 'Proposals' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  const luna = list.getByRole('listitem').filter({ hasText: 'My cat is called Luna.' });
  await luna.getByRole('button', { name: 'Accept' }).press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list.getByRole('button', { name: 'Accept' })).toBeFocused();
  await list.getByRole('button', { name: 'Reject' }).press('Enter');
  await expect(list).toHaveCount(0);
  await shell.isAt('What should it know about you?');
  const { facts } = await app.call<{ facts: { value: string }[] }>('facts.list');
  expect(facts.map(({ value }) => value)).toEqual(['Luna']);
});

test('where a training can begin its button is the primary one, and Next after it has begun', async ({
  app,
}) => {
  test.setTimeout(240_000);
  const shell = new ShellPage(app.page);
  await addTinyPerson(app);
  await app.goTo('/welcome/train');
  const primary = app.page.locator('.screen-acts .button-primary');
  await expect(primary).toHaveText('Start training', { timeout: 60_000 });
  await shell.press('Control+Enter');
  await expect(shell.strip).toContainText('Learning');
  await expect(primary).toHaveText('Next');
  await app.page.getByRole('contentinfo').getByRole('button', { name: 'Pause' }).click();
  await expect(shell.strip).toContainText('No work is lost.', { timeout: 60_000 });
});

/** Presses Tab until the button of that name has the focus. */
async function tabTo(shell: ShellPage, name: string): Promise<void> {
  const button = shell.page.getByRole('button', { name });
  for (let presses = 0; presses < 40; presses++) {
    if ((await shell.page.locator('button:focus', { hasText: name }).count()) > 0) return;
    await shell.press('Tab');
  }
  await expect(button).toBeFocused();
}
