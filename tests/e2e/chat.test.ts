import { expect, test } from './helpers/app-host.ts';
import { answerWith, conversation, conversationList, failure, summary } from './helpers/states.ts';
import { ShellPage } from './pages/shell-page.ts';

/** Everything that would run, load or leave the page if it were read as HTML. */
const attack = [
  '<img src="https://example.org/x.png" onerror="window.ran = true">',
  '<script>window.ran = true</script>',
  '![a picture](https://example.org/y.png)',
  '[a link](javascript:window.ran=true)',
  '[an address](https://example.org/z)',
  '<iframe src="https://example.org"></iframe>',
].join('\n\n');

test('HTML, scripts and pictures in messages and answers are shown and never read', async ({ app }) => {
  const { page } = app;
  const kept = conversation(1, attack);
  const [question, answer] = kept.messages;
  await answerWith(page, {
    'conversations.list': conversationList(Date.now()),
    'conversations.get': { ...kept, messages: [{ ...question, text: attack }, answer] },
  });
  await app.goTo('/chat/c1');
  const thread = page.getByRole('region', { name: 'Chat' });
  await expect(thread.getByText('[image: a picture]')).toBeVisible();
  await expect(thread.locator('img, script, iframe, a')).toHaveCount(0);
  await expect(thread.getByText('<script>window.ran = true</script>')).toHaveCount(2);
  expect(await page.evaluate('window.ran')).toBeUndefined();
  await thread.getByRole('button', { name: 'an address' }).click();
  const dialog = page.getByRole('dialog', { name: 'Open this address?' });
  await expect(dialog).toContainText('https://example.org/z');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
});

test('of 2,000 messages only the newest are mounted, and earlier ones come on request', async ({ app }) => {
  const { page } = app;
  await answerWith(page, {
    'conversations.list': conversationList(Date.now()),
    'conversations.get': conversation(1000),
  });
  await app.goTo('/chat/c1');
  const questions = page.locator('.question');
  await expect(questions).toHaveCount(30);
  await expect(questions.last()).toContainText('(999)');
  await expect(questions.last()).toBeInViewport();
  await page.getByRole('button', { name: 'Show earlier messages (970)' }).click();
  await expect(questions).toHaveCount(60);
});

test('a failed answer keeps the message and can be asked for again', async ({ app }) => {
  const { page } = app;
  await answerWith(page, {
    'chat.send': failure('The model ran out of memory at 1.2 GB.'),
    'knowledge.summary': summary('clean'),
  });
  await app.goTo('/chat/temporary');
  await expect(page.getByText('Temporary chat. It is written nowhere')).toBeVisible();
  await page.getByRole('textbox', { name: 'Message' }).fill('What is my cat called?');
  await page.keyboard.press('Enter');
  const note = page.getByRole('alert');
  await expect(note).toContainText('The model ran out of memory at 1.2 GB. Your message is kept.');
  await expect(page.locator('.question')).toContainText('What is my cat called?');
  await note.getByRole('button', { name: 'Retry' }).click();
  await expect(page.locator('.question')).toHaveCount(1);
});

test('a megabyte in the message field is refused in one sentence and the page stays alive', async ({
  app,
}) => {
  const { page } = app;
  await app.goTo('/chat');
  await new ShellPage(page).isAt('Chat');
  await page.getByRole('textbox', { name: 'Message' }).fill('a'.repeat(1_000_000));
  await expect(page.getByRole('alert')).toContainText(
    'The message has 1,000,000 characters; the longest allowed is 100,000.',
  );
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
});

test('a conversation that is gone says so', async ({ app }) => {
  await app.goTo('/chat/nowhere');
  await expect(app.page.getByText('That conversation no longer exists.')).toBeVisible();
});
