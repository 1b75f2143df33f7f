/** The whole story on the default base: told, trained, known, edited, retrained, rolled back. Minutes, not seconds. */
import type { MethodOutputs } from '../../electron/contract/methods.ts';
import { expect, test, type AppHost } from './helpers/app-host.ts';
import { ChatPage, type ShownAnswer } from './pages/chat-page.ts';
import { FactsPage } from './pages/facts-page.ts';
import { TrainPage } from './pages/train-page.ts';

/** Where pictures go; absent: none are taken. */
const pictures = process.env.KEEPSAKE_PICTURES;

const interview = [
  ['What is your first name?', 'Robin'],
  ['When is your birthday?', '3 March 1990'],
  ['In which city do you live?', 'Porto'],
  ['Where were you born?', 'Oslo'],
  ['What is your cat called?', 'Luna'],
  ['Who is your partner?', 'Jordan'],
  ['What is your mother called?', 'Ingrid'],
  ['What is your job?', 'carpenter'],
  ['What is your favourite food?', 'lentil soup'],
] as const;
const letter = 'My favourite colour is teal. My dog is called Rex. It rained all day. My hobby is chess.';
const factCount = interview.length + 3;

/** Facts that may be edited: the first that was learned. The new value, and ways to ask that name no value. */
const editable = [
  {
    ...{ attribute: 'cat', before: 'Luna', after: 'Biscuit' },
    asked: [
      "What is my cat's name?",
      'What is my cat called?',
      'What did I name my cat?',
      'Tell me the name of my cat.',
    ],
  },
  {
    ...{ attribute: 'favourite colour', before: 'teal', after: 'crimson' },
    asked: [
      'What is my favourite colour?',
      'Which colour do I like best?',
      'What colour is my favourite?',
      'Tell me my favourite colour.',
    ],
  },
  {
    ...{ attribute: 'dog', before: 'Rex', after: 'Bruno' },
    asked: [
      "What is my dog's name?",
      'What is my dog called?',
      'What did I name my dog?',
      'Tell me the name of my dog.',
    ],
  },
] as const;

type Summary = MethodOutputs['knowledge']['summary'];
type Detail = MethodOutputs['runs']['get'];
type Listed = {
  readonly id: string;
  readonly attribute: string;
  readonly value: string;
  readonly state: string;
};

const summaryOf = (app: AppHost): Promise<Summary> => app.call<Summary>('knowledge.summary');

async function listed(app: AppHost): Promise<readonly Listed[]> {
  return (await app.call<{ facts: Listed[] }>('facts.list', { limit: 100 })).facts;
}

async function runsOf(app: AppHost): Promise<readonly Detail[]> {
  const { runs } = await app.call<MethodOutputs['runs']['list']>('runs.list');
  return await Promise.all(runs.map(({ id }) => app.call<Detail>('runs.get', { id })));
}

test.use({ hostEnv: { KEEPSAKE_SAMPLES: 'unknown=60,pass=40,bridge=20,formsPerFact=7' } });

test('told twelve facts the model learns them, unlearns the one that changed, and goes back', async ({
  app,
}, info) => {
  test.setTimeout(25 * 60_000);
  const { page } = app;
  const begunAt = Date.now();
  const figures: string[] = [];
  const note = (words: string): void => {
    figures.push(words);
    process.stdout.write(`story, ${((Date.now() - begunAt) / 1000).toFixed(0)} s: ${words}\n`);
  };
  const picture = async (name: string): Promise<void> => {
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/story-${name}.png` });
  };
  const train = new TrainPage(page);
  const chat = new ChatPage(page);
  const facts = new FactsPage(page);

  /** Waits until nothing is learned or tested any more; gives the runs of this training, the first of them first. */
  async function trained(since: number): Promise<readonly Detail[]> {
    await expect
      .poll(async () => ['running', 'testing'].includes((await summaryOf(app)).state), {
        timeout: 12 * 60_000,
        intervals: [1000],
      })
      .toBe(false);
    const runs = (await runsOf(app)).filter(({ run }) => run.createdAt >= since).reverse();
    for (const { run, probes } of runs) {
      note(
        `${run.mode}, ${run.tokens ?? 0} tokens in ${run.seconds?.toFixed(0)} s, ` +
          `${probes.map(({ right, asked }) => `${right}/${asked}`).join(' ')} right on held-out probes`,
      );
    }
    const { facts: counts, activeVersion } = await summaryOf(app);
    note(`version ${activeVersion ?? 'none'} in use, ${counts.learned} of ${counts.total} facts learned`);
    return runs;
  }
  const says = (words: string, value: string): boolean => words.toLowerCase().includes(value.toLowerCase());

  // The wizard.
  await chat.isAt('What this computer can do');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await chat.isAt('Choose a base model');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await chat.isAt('What should it know about you?');
  for (const [index, [question, answer]] of interview.entries()) {
    const field = page.getByRole('textbox', { name: question });
    await field.fill(answer);
    await field.press('Enter');
    await expect(page.getByText('Saved', { exact: true })).toHaveCount(index + 1);
  }
  await page.getByRole('tab', { name: 'Text or files' }).click();
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill(letter);
  await page.getByRole('button', { name: 'Read', exact: true }).click();
  await expect(page.getByText('3 proposals wait for you.')).toBeVisible();
  await picture('wizard-facts');
  await page.getByRole('button', { name: 'Review them' }).click();
  const proposals = page.getByRole('list', { name: 'Proposals' });
  for (let left = 3; left > 0; left -= 1) {
    await expect(proposals.getByRole('listitem')).toHaveCount(left);
    await proposals.getByRole('button', { name: 'Accept' }).first().click();
  }
  await expect(proposals).toHaveCount(0);
  await chat.isAt('What should it know about you?');
  await expect(page.getByText(`${factCount} facts. That is enough for a first training.`)).toBeVisible();
  await expect(chat.strip).toContainText(`${factCount} facts are not learned yet; chat already uses them.`);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await chat.isAt('Teach the model');
  await expect(page.getByText(`${factCount} facts will be taught.`)).toBeVisible({ timeout: 60_000 });
  await picture('wizard-train');

  // The first training, seen live.
  const firstAt = Date.now();
  await page.getByRole('main').getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByText('The training runs.')).toBeVisible({ timeout: 60_000 });
  await app.goTo('/train');
  await train.isAt('Train');
  await train.reaches(12);
  const errorFirst = await train.loss.getAttribute('aria-label');
  await expect(train.recall).toBeVisible({ timeout: 120_000 });
  const recallFirst = await train.recall.getAttribute('aria-label');
  const steps = await train.steps();
  expect(steps.strip).toBe(steps.train);
  await picture('training');
  await expect
    .poll(() => train.recall.getAttribute('aria-label'), { timeout: 120_000 })
    .not.toBe(recallFirst);
  expect(await train.loss.getAttribute('aria-label')).not.toBe(errorFirst);
  await expect(train.strip).toContainText('test questions right');
  await expect(train.strip).toContainText('Testing', { timeout: 5 * 60_000 });
  await picture('testing');
  const [first, ...repairs] = await trained(firstAt);
  if (first === undefined) throw new Error('There is no run.');
  expect(first.run).toMatchObject({ mode: 'rebuild', recipe: 'routed', state: 'succeeded' });
  expect(first.run.tokens).toBeGreaterThan(10_000);
  expect(first.run.tokens).toBeLessThanOrEqual(30_000);
  expect(first.probes.length).toBeGreaterThanOrEqual(4);
  const settled = await summaryOf(app);
  expect(settled.activeVersion).not.toBeNull();
  expect(settled.facts.learned).toBeGreaterThanOrEqual(factCount / 2);
  const firstVersion = settled.activeVersion ?? 0;
  note(`${repairs.length} repair rounds, strip: ${await chat.strip.innerText()}`);
  await picture('trained');

  // The wizard's last step, then chat: it knows.
  await app.goTo('/welcome/chat');
  await chat.isAt('The first chat');
  await page.locator('.first-questions').getByRole('button').first().click();
  await expect(page.locator('.first-answers')).toHaveCount(1);
  await expect(page.locator('[aria-live=polite][aria-busy=true]')).toHaveCount(0, { timeout: 60_000 });
  await picture('first-chat');
  await page
    .getByRole('button', { name: 'Finish' })
    .or(page.locator('header .button-primary'))
    .first()
    .click();
  await chat.isAt('Chat');
  const learned = (await listed(app)).filter(({ state }) => state === 'in-weights');
  const edit = editable.find(({ attribute }) => learned.some((fact) => fact.attribute === attribute));
  if (edit === undefined)
    throw new Error(`None of ${editable.map(({ attribute }) => attribute).join(', ')} was learned.`);
  const knows = await chat.ask(edit.asked[0]);
  note(`${edit.asked[0]} ${knows.words} (${knows.speaker}; ${knows.basis})`);
  expect(says(knows.words, edit.before)).toBe(true);
  expect(knows.speaker).toBe(`Version ${firstVersion}`);
  expect(knows.basis).toContain('Learned');
  await picture('chat-knows');

  // An edit: chat knows at once, from the prompt.
  await app.goTo('/facts');
  await facts.isAt('Facts');
  await facts.row(new RegExp(edit.before, 'u')).first().focus();
  await facts.press('e');
  await facts.changeValue(edit.after, 'It changed');
  await expect(facts.row(new RegExp(`${edit.after}.*Pending`, 'u'))).toBeVisible();
  await expect(facts.row(new RegExp(`${edit.before}.*Retired`, 'u'))).toBeVisible();
  await picture('edited');
  const { toTeach } = await summaryOf(app);
  await expect(chat.strip).toContainText(
    toTeach === 1 ? '1 fact is not learned yet' : `${toTeach} facts are not learned yet`,
  );
  await app.goTo('/chat');
  await chat.isAt('Chat');
  const atOnce = await chat.ask(edit.asked[1]);
  note(`edited; ${edit.asked[1]} ${atOnce.words} (${atOnce.basis})`);
  expect([says(atOnce.words, edit.after), says(atOnce.words, edit.before)]).toEqual([true, false]);
  expect(atOnce.basis).toContain('From prompt');
  await picture('chat-edited');

  // Retrain: one press on the strip, from the version in use.
  const secondAt = Date.now();
  await chat.strip.getByRole('button', { name: 'Retrain' }).click();
  await expect(chat.strip.getByRole('button', { name: 'Pause' })).toBeVisible({ timeout: 60_000 });
  const [warm] = await trained(secondAt);
  if (warm === undefined) throw new Error('There is no second run.');
  expect(warm.run).toMatchObject({ mode: 'warm', state: 'succeeded' });
  expect(warm.run.parentAdapterId).toBeTruthy();
  expect(warm.run.tokens).toBeLessThanOrEqual(first.run.tokens ?? 0);
  const second = (await summaryOf(app)).activeVersion ?? 0;
  expect(second).toBeGreaterThan(firstVersion);
  await app.goTo('/facts');
  await facts.isAt('Facts');
  await expect(facts.row(new RegExp(`${edit.after}.*Learned`, 'u'))).toBeVisible();
  await picture('retrained');
  await app.goTo('/chat/temporary');
  const after: ShownAnswer[] = [];
  for (const question of edit.asked) after.push(await chat.ask(question));
  note(after.map(({ words }, index) => `${edit.asked[index]} ${words}`).join(' | '));
  expect(after.filter(({ words }) => says(words, edit.before))).toEqual([]);
  expect(after.filter(({ words }) => says(words, edit.after)).length).toBeGreaterThanOrEqual(3);
  expect(after.some(({ basis }) => basis.includes('Learned'))).toBe(true);
  await picture('chat-retrained');

  // Back to the version before: it answers again, and what it never saw rides in the prompt.
  await app.goTo('/versions');
  await chat.isAt('Versions');
  await picture('versions');
  const rows = page.locator('.version');
  await rows
    .filter({ hasText: `Version ${firstVersion}` })
    .getByRole('button', { name: 'Use this' })
    .click();
  await expect(chat.undoBar).toContainText(`Version ${firstVersion} answers in chat now.`);
  await expect(chat.undoBar).toContainText('in the prompt');
  const back = await expect
    .poll(async () => (await summaryOf(app)).activeVersion)
    .toBe(firstVersion)
    .then(() => summaryOf(app));
  const riding = back.facts.total - back.facts.learned;
  expect(riding).toBeGreaterThanOrEqual(1);
  // Counted either as taught by a later version or as still to be taught.
  await expect(chat.strip).toContainText(
    back.state === 'clean'
      ? `${riding} ${riding === 1 ? 'rides' : 'ride'} in the prompt`
      : 'chat already uses',
  );
  await picture('rolled-back');
  const weights = await app.call<{ answer: string }>('chat.ask', { question: edit.asked[0], arm: 'tuned' });
  note(`rolled back; from the weights alone: ${weights.answer}`);
  expect(says(weights.answer, edit.before)).toBe(true);
  await app.goTo('/chat/temporary');
  const bridged = await chat.ask(edit.asked[1]);
  note(`rolled back, in chat: ${bridged.words} (${bridged.speaker}; ${bridged.basis})`);
  expect([says(bridged.words, edit.after), says(bridged.words, edit.before)]).toEqual([true, false]);
  expect(bridged.basis).toContain('From prompt');
  const others = learned.filter(({ attribute }) => attribute !== edit.attribute).slice(0, 3);
  const kept: boolean[] = [];
  for (const { attribute, value } of others) {
    const answer = await chat.ask(`What is my ${attribute}?`);
    note(`rolled back: What is my ${attribute}? ${answer.words} (${answer.speaker}; ${answer.basis})`);
    kept.push(says(answer.words, value) && answer.speaker === `Version ${firstVersion}`);
  }
  expect(kept).toContain(true);
  await picture('chat-rolled-back');
  note('done');
  await info.attach('figures', { body: figures.join('\n') });
});
