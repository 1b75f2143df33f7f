import { expect, test } from './helpers/app-host.ts';
import { FactsPage } from './pages/facts-page.ts';

test('a new fact is Pending everywhere at once, by keyboard alone', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.goTo('/facts');
  await facts.isAt('Facts');
  await facts.addByKeyboard('cat', 'Luna');

  await expect(facts.row(/cat is Luna\. Pending/)).toBeVisible();
  await expect(facts.pane.getByText('Pending', { exact: true })).toBeVisible();
  await expect(facts.strip).toContainText('1 fact is not learned yet; chat already uses it.');

  await app.page.keyboard.press('Escape');
  await expect(facts.pane).toHaveCount(0);
  await expect(facts.row(/Luna/)).toBeFocused();
});

test('after four edits the strip counts four facts, and Ctrl+Z takes the last one back', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.goTo('/facts');
  for (const [attribute, value] of [
    ['cat', 'Luna'],
    ['home city', 'Porto'],
    ['job', 'carpenter'],
    ['partner', 'Jordan'],
  ] as const) {
    await facts.addByKeyboard(attribute, value);
  }
  await expect(facts.strip).toContainText('4 facts are not learned yet; chat already uses them.');
  await facts.press('Escape', 'Control+z');
  await expect(facts.strip).toContainText('3 facts are not learned yet');
  await expect(facts.row(/Jordan/)).toHaveCount(0);
});

test('"It changed" keeps the old city as past with a date; a typo leaves no trace', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'home city', value: 'Lisbon', validFrom: '2022' });
  await app.goTo('/facts');
  await facts.row(/Lisbon/).focus();
  await facts.press('e');
  await expect(facts.field('Value')).toBeFocused();

  await facts.changeValue('Porrto', 'It changed');
  await expect(facts.row(/Lisbon.*Retired/)).toBeVisible();
  await expect(facts.row(/Porrto.*Pending/)).toBeVisible();

  await facts.changeValue('Porto', 'It was a typo');
  await expect(facts.row(/Porto.*Pending/)).toBeVisible();
  await expect(facts.row(/Porrto/)).toHaveCount(0);
  const { facts: kept } = await app.call<{ facts: { value: string; validTo: string | null }[] }>(
    'facts.list',
  );
  expect(kept.map(({ value }) => value).sort()).toEqual(['Lisbon', 'Porto']);
  expect(kept.find(({ value }) => value === 'Lisbon')?.validTo).toMatch(/^\d{4}-\d\d-\d\d$/);
});

test('a new fact against a known one asks first; cancel keeps the known one', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'home city', value: 'Lisbon' });
  await app.goTo('/facts');
  await app.page.getByRole('button', { name: 'New fact' }).click();
  await expect(facts.field('What')).toBeFocused();
  await app.page.keyboard.type('city of residence');
  await facts.press('Tab');
  await app.page.keyboard.type('Porto');
  await facts.press('Enter');
  const choice = facts.pane.getByRole('group', { name: /Another value is there/ });
  await expect(choice).toContainText('Known: Your home city is Lisbon. New: Your home city is Porto.');
  await choice.getByRole('button', { name: 'Cancel' }).click();
  await expect(facts.row(/Porto/)).toHaveCount(0);
  await facts.field('Value').press('Enter');
  await choice.getByRole('button', { name: 'It changed' }).click();
  await expect(facts.undoBar).toContainText('Kept as past: Your former home city was Lisbon');
  await expect(facts.row(/Lisbon.*Retired/)).toBeVisible();
  await expect(facts.row(/Porto.*Pending/)).toBeVisible();
});

test('a conflict is settled as both true at different times with key 3', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.importText', {
    name: 'cities.json',
    text: JSON.stringify([
      { attribute: 'home city', value: 'Lisbon' },
      { attribute: 'home city', value: 'Porto' },
    ]),
  });

  await app.goTo('/facts/conflicts');
  await expect(app.page.getByRole('listitem', { name: /You have two values/ })).toBeFocused();
  await facts.press('3');
  await expect(app.page.getByText('No conflicts.')).toBeVisible();
  const { facts: kept } = await app.call<{
    facts: { value: string; current: boolean; validTo: string | null }[];
  }>('facts.list');
  expect(kept).toHaveLength(2);
  expect(kept.filter(({ current }) => current)).toHaveLength(1);
});

test('filters live in the address, Back works, and a link to a fact that is gone says so', async ({
  app,
}) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'cat', value: 'Luna' });
  await app.call('facts.add', { attribute: 'job', value: 'carpenter' });
  await app.goTo('/facts');
  await expect(facts.row(/Luna/)).toBeVisible();
  await facts.press('/');
  await app.page.keyboard.type('luna');
  await expect(facts.row(/carpenter/)).toHaveCount(0);
  await expect(app.page).toHaveURL(/q=luna/);
  await app.page.reload();
  await expect(facts.row(/Luna/)).toBeVisible();
  await expect(facts.row(/carpenter/)).toHaveCount(0);

  await app.goTo('/facts/no-such-fact');
  await expect(facts.pane).toContainText('That fact no longer exists.');
});

test('HTML in a fact is shown as it was written', async ({ app }) => {
  const facts = new FactsPage(app.page);
  const value = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  await app.call('facts.add', { attribute: 'nickname', value });
  await app.goTo('/facts');
  await expect(facts.row(/onerror/)).toContainText(value);
  await expect(app.page.locator('img')).toHaveCount(0);
});

test('what is selected by hand is changed at once and comes back at once', async ({ app }) => {
  const facts = new FactsPage(app.page);
  for (const value of ['Luna', 'Rex', 'Kim'])
    await app.call('facts.add', { attribute: `pet ${value}`, value });
  await app.goTo('/facts');
  await facts.row(/Kim/).focus();
  await facts.press('Space', 'Shift+ArrowDown');
  const bar = app.page.getByRole('group', { name: '2 selected' });
  await bar.getByRole('button', { name: 'Never train' }).click();
  await expect(facts.grid.getByText('In prompt')).toHaveCount(2);
  await facts.undoBar.getByRole('button', { name: 'Undo' }).click();
  await expect(facts.grid.getByText('In prompt')).toHaveCount(0);
});

test('forgetting asks first, then the fact is gone', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'cat', value: 'Luna' });
  await app.goTo('/facts');
  await facts.row(/Luna/).click();
  await facts.pane.getByRole('button', { name: 'Forget' }).click();
  const dialog = app.page.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await expect(app.page.getByText('What should the model know about you?')).toBeVisible();
  await expect(facts.undoBar).toContainText('Forgotten. No version had learned it.');
});

test('N opens a new fact wherever the focus is, but types in a field and rests when letters are off', async ({
  app,
}) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'cat', value: 'Luna' });
  await app.goTo('/facts?q=luna');
  await facts.isAt('Facts');
  await expect(facts.row(/Luna/)).toBeVisible();
  await facts.heading.focus();
  await facts.press('n');
  await expect(facts.field('What')).toBeFocused();
  await expect(facts.field('What')).toHaveValue('');
  await facts.press('n');
  await expect(facts.field('What')).toHaveValue('n');
  await expect(app.page).toHaveURL(/q=luna/);
  await facts.press('Escape');
  await expect(facts.pane).toHaveCount(0);

  await app.call('settings.set', { letterKeys: false });
  await app.page.reload();
  await expect(facts.row(/Luna/)).toBeVisible();
  await facts.press('n');
  await expect(facts.pane).toHaveCount(0);
});

test('on a row G and a letter goes to a place and Ctrl+Enter is the primary action, as elsewhere', async ({
  app,
}) => {
  const facts = new FactsPage(app.page);
  await app.call('facts.add', { attribute: 'cat', value: 'Luna' });
  await app.goTo('/facts');
  await facts.row(/Luna/).focus();
  await facts.press('Control+Enter');
  await expect(facts.field('What')).toBeFocused();
  await facts.press('Escape');
  await facts.row(/Luna/).focus();
  await facts.press('g', 'r');
  await facts.isAt('Report');
  const { facts: kept } = await app.call<{ facts: { current: boolean }[] }>('facts.list');
  expect(kept.map(({ current }) => current)).toEqual([true]);
});

test('the palette opens from within a field', async ({ app }) => {
  const facts = new FactsPage(app.page);
  await app.goTo('/facts/new');
  await facts.field('What').focus();
  await facts.press('Control+k');
  await expect(app.page.getByRole('searchbox', { name: /Go to a place/ })).toBeFocused();
});
