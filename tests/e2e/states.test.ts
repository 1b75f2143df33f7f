import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './helpers/app-host.ts';
import {
  answerWith,
  conversation,
  conversationList,
  failure,
  report,
  runDetail,
  runs,
  summary,
  versions,
  type Answers,
} from './helpers/states.ts';

/** Where pictures go; absent: none are taken. */
const pictures = process.env.KEEPSAKE_PICTURES;

type State = {
  readonly name: string;
  readonly route: string;
  readonly answers: Answers;
  /** What must be read on it. */
  readonly words: string;
};

const chatList = { 'conversations.list': conversationList(Date.now()), 'adapters.list': versions };
const trainings = { 'runs.list': runs, 'adapters.list': versions };

const states: readonly State[] = [
  {
    ...{ name: 'chat-full', route: '/chat/c1', words: 'Luna' },
    answers: { ...chatList, 'conversations.get': conversation(6), 'knowledge.summary': summary('edited') },
  },
  {
    ...{ name: 'chat-shut', route: '/chat/c1', words: 'Pause to chat now; it goes on from step 180.' },
    answers: {
      ...{ ...chatList, 'conversations.get': conversation(1) },
      'knowledge.summary': summary('running', 'exclusive'),
    },
  },
  {
    ...{ name: 'chat-error', route: '/chat/c1', words: 'The conversation cannot be read.' },
    answers: { ...chatList, 'conversations.get': failure('The conversation cannot be read.') },
  },
  {
    ...{ name: 'train-running', route: '/train', words: 'step 180 of 260, about 1 min left' },
    answers: { ...trainings, 'runs.get': runDetail('running'), 'knowledge.summary': summary('running') },
  },
  {
    ...{ name: 'train-paused', route: '/train', words: 'Paused at step 180 of 260. No work is lost.' },
    answers: { ...trainings, 'runs.get': runDetail('paused'), 'knowledge.summary': summary('interrupted') },
  },
  {
    ...{ name: 'train-failed', route: '/train', words: 'Your facts are safe.' },
    answers: {
      ...{ ...trainings, 'knowledge.summary': summary('failed') },
      'training.plan': failure('Training needs 6.2 GB and 4.8 GB is free.', 'not-enough-memory'),
    },
  },
  {
    ...{ name: 'train-run', route: '/train/r15', words: '188 of 196 unseen questions right' },
    answers: { ...trainings, 'runs.get': runDetail('succeeded'), 'knowledge.summary': summary('clean') },
  },
  {
    ...{ name: 'report-full', route: '/report', words: '188 of 196 unseen questions right' },
    answers: {
      'reports.get': report('approved'),
      'adapters.list': versions,
      'knowledge.summary': summary('clean'),
    },
  },
  {
    ...{ name: 'report-error', route: '/report', words: 'The report cannot be read.' },
    answers: { 'reports.get': failure('The report cannot be read.') },
  },
  {
    ...{ name: 'versions-full', route: '/versions/a12', words: 'Version 11 lacks 4 newer facts' },
    answers: { 'adapters.list': versions, 'knowledge.summary': summary('edited') },
  },
  {
    ...{ name: 'versions-error', route: '/versions', words: 'The versions cannot be read.' },
    answers: { 'adapters.list': failure('The versions cannot be read.') },
  },
  {
    ...{ name: 'models-error', route: '/models', words: 'The models cannot be read.' },
    answers: { 'models.list': failure('The models cannot be read.') },
  },
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });
    test('full, running and failed screens say what they are and break no rule of axe', async ({ app }) => {
      test.setTimeout(300_000);
      const broken: string[] = [];
      for (const { name, route, answers, words } of states) {
        await app.page.unrouteAll();
        await answerWith(app.page, answers);
        await app.goTo('/settings/look');
        await app.page.reload();
        await app.goTo(route);
        await expect(app.page.locator('#content').getByText(words).first()).toBeVisible();
        await settle(app.page);
        if (pictures !== undefined)
          await app.page.screenshot({ path: `${pictures}/${name}-${colorScheme}.png` });
        broken.push(...(await violations(app.page)).map((rule) => `${name}: ${rule}`));
      }
      expect(broken).toEqual([]);
    });
  });
}

/** Curves and Markdown are read when they are first needed. */
async function settle(page: Page): Promise<void> {
  await expect(page.locator('.loading, .curve-space')).toHaveCount(0);
  if ((await page.locator('.curve').count()) > 0) await expect(page.locator('.curve canvas')).toHaveCount(2);
  const answers = page.locator('.answer .markdown');
  if ((await page.locator('.answer').count()) > 0) await expect(answers.locator('p').first()).toBeVisible();
}

async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
