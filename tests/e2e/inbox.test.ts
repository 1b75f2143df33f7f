import { expect, test } from './helpers/app-host.ts';
import { InboxPage } from './pages/inbox-page.ts';

/** Twenty sentences of one fact each. */
const sentences = [
  'My cat is called Luna.',
  'I live in Porto.',
  'My job is carpenter.',
  'My partner is Jordan.',
  'My favourite colour is teal.',
  'My favourite food is lentil soup.',
  'My favourite drink is mint tea.',
  'My favourite book is Kim.',
  'My favourite film is Alien.',
  'My favourite band is Low.',
  'My hobby is chess.',
  'My dog is called Rex.',
  'My doctor is Dr. Hale.',
  'My dentist is Dr. Moss.',
  'My employer is Elm School.',
  'My birthday is 3 March 1990.',
  'My nickname is Bean.',
  'My best friend is Ana.',
  'My bank is Oakline.',
  'My car is a Volvo.',
];

test('twenty proposals are accepted, edited, merged and rejected by keyboard, then all is undone', async ({
  app,
}) => {
  test.setTimeout(240_000);
  const inbox = new InboxPage(app.page);
  await app.call('facts.add', { attribute: 'favourite colour', value: 'green' });
  await app.call('proposals.extract', {
    text: sentences.join(' '),
    source: { type: 'text', name: 'a letter' },
  });
  const { proposals } = await app.call<{ proposals: { statement: string }[] }>('proposals.list');
  expect(proposals).toHaveLength(sentences.length);
  await app.goTo('/inbox');
  await inbox.has(20);

  await inbox.row(/teal/).focus();
  await inbox.press('m');
  await expect(inbox.pane.getByRole('textbox', { name: 'Becomes' })).toBeFocused();
  await inbox.press('Enter');
  await inbox.has(19);
  await inbox.row(/Luna/).focus();
  await inbox.press('e');
  await expect(inbox.pane.getByRole('textbox', { name: 'Value' })).toBeFocused();
  await inbox.press('Control+a');
  await app.page.keyboard.type('Lunetta');
  await inbox.press('Enter');
  await inbox.has(18);
  await inbox.press('Escape');
  for (let open = 18; open > 0; open--) {
    await expect(inbox.grid.locator('[role=row]:focus')).toHaveCount(1);
    await inbox.press(open % 2 === 0 ? 'a' : 'x');
    await inbox.has(open - 1);
  }
  const told = await app.call<{ facts: { value: string; current: boolean }[] }>('facts.list');
  const current = told.facts.filter((fact) => fact.current).map(({ value }) => value);
  expect(current).toContain('Lunetta');
  expect(current).toContain('teal');
  expect(current).toHaveLength(11);

  for (let back = 1; back <= 20; back++) {
    await inbox.press('Control+z');
    await inbox.has(back);
  }
  const after = await app.call<{ facts: { value: string }[] }>('facts.list');
  expect(after.facts.map(({ value }) => value)).toEqual(['green']);
});

test('a second birthday asks what becomes of the first, and nothing is replaced unasked', async ({ app }) => {
  const inbox = new InboxPage(app.page);
  await app.call('facts.add', { attribute: 'birthday', value: '3 March 1990' });
  await app.call('proposals.extract', {
    text: 'My birthday is 4 May 1991. My cat is Luna. My cat is Miso.',
    source: { type: 'text', name: 'a letter' },
  });
  const current = async (): Promise<string[]> => {
    const told = await app.call<{ facts: { value: string; current: boolean }[] }>('facts.list');
    return told.facts.filter((fact) => fact.current).map(({ value }) => value);
  };
  await app.goTo('/inbox');
  await inbox.row(/4 May 1991/).focus();
  await inbox.press('Space', 'Shift+ArrowDown');
  await app.page.getByRole('button', { name: 'Accept 2' }).click();
  await inbox.has(2);
  await expect(inbox.undoBar).toContainText('1 proposal accepted; 1 waits');
  expect(await current()).toEqual(['3 March 1990', 'Luna']);

  await inbox.row(/4 May 1991/).focus();
  await inbox.press('a');
  const choice = inbox.pane.getByRole('group', { name: 'Another value is there. What is new about it?' });
  await expect(choice).toContainText(
    'Known: Your birthday is 3 March 1990. New: Your birthday is 4 May 1991.',
  );
  expect(await current()).toEqual(['3 March 1990', 'Luna']);
  await choice.getByRole('button', { name: 'Keep both' }).click();
  await inbox.has(1);
  expect(await current()).toEqual(['Luna', '4 May 1991']);
  const { conflicts } = await app.call<{ conflicts: unknown[] }>('facts.conflicts');
  expect(conflicts).toHaveLength(1);
});

test('text that says nothing about its writer proposes nothing, and says so', async ({ app }) => {
  await app.goTo('/inbox?import=open');
  const dialog = app.page.getByRole('dialog', { name: 'Import text or files' });
  await dialog.getByRole('textbox', { name: 'Text' }).fill('The sky is blue. Cats sleep a lot.');
  await dialog.getByRole('button', { name: 'Read' }).click();
  await expect(dialog).toContainText(
    'No facts were found in pasted text. Only sentences you say about yourself are taken.',
  );
  await dialog.getByText('2 sentences held no fact that could be read').click();
  await expect(dialog.getByText('Cats sleep a lot.', { exact: true })).toBeVisible();
});

test('a file that fails keeps its reason while the others arrive', async ({ app }) => {
  const inbox = new InboxPage(app.page);
  await app.goTo('/inbox?import=open');
  const dialog = app.page.getByRole('dialog', { name: 'Import text or files' });
  await dialog.locator('input[type=file]').setInputFiles([
    {
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('My cat is called Luna. I live in Porto.'),
    },
    { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([137, 80, 78, 71, 0, 0, 1]) },
  ]);
  await expect(dialog.getByRole('list', { name: 'What was read' })).toContainText(
    'picture.png is not a text file.',
  );
  await dialog.getByRole('button', { name: 'Close' }).click();
  await inbox.has(2);
  await inbox.row(/Luna/).click();
  await expect(inbox.pane.locator('blockquote')).toHaveText('My cat is called Luna.');
});

test('with nothing chosen Accept accepts nothing', async ({ app }) => {
  const inbox = new InboxPage(app.page);
  await app.call('proposals.extract', {
    text: 'My cat is called Luna. I live in Porto.',
    source: { type: 'text', name: 'a letter' },
  });
  await app.goTo('/inbox');
  await inbox.has(2);
  const accept = app.page.getByRole('main').getByRole('button', { name: 'Accept' });
  await expect(accept).toBeDisabled();
  await inbox.press('Control+Enter');
  await inbox.has(2);
  await inbox.row(/Porto/).focus();
  await inbox.press('Space');
  await accept.click();
  await inbox.has(1);
  await expect(inbox.row(/Luna/)).toBeVisible();
});
