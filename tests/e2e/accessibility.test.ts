import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './helpers/app-host.ts';
import { answerWith, failure } from './helpers/states.ts';
import { ShellPage } from './pages/shell-page.ts';

/** Every screen with the heading it must show. */
const screens = [
  ['/facts', 'Facts'],
  ['/facts/new', 'Facts'],
  ['/facts/conflicts', 'Conflicts'],
  ['/inbox', 'Inbox'],
  ['/lessons', 'Lessons'],
  ['/chat', 'Chat'],
  ['/train', 'Train'],
  ['/report', 'Report'],
  ['/versions', 'Versions'],
  ['/models', 'Models'],
  ['/settings', 'Settings'],
  ['/welcome/computer', 'What this computer can do'],
  ['/welcome/model', 'Choose a base model'],
  ['/welcome/facts', 'What should it know about you?'],
  ['/welcome/train', 'Teach the model'],
  ['/welcome/chat', 'The first chat'],
] as const;

const sections = [
  ['profiles', 'Profiles'],
  ['learning', 'Learning'],
  ['chat', 'Chat'],
  ['privacy', 'Privacy'],
  ['look', 'Look'],
  ['keys', 'Keys'],
  ['server', 'Local server'],
  ['data', 'Data'],
  ['diagnostics', 'Diagnostics'],
  ['licences', 'Licences'],
] as const;

const dialogs = [
  ['profiles', 'Import a profile', 'dialog'],
  ['data', 'Delete all conversations', 'alertdialog'],
  ['data', 'Delete everything', 'alertdialog'],
] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });
    for (const state of ['empty', 'full'] as const) {
      test(`no ${state} screen breaks a rule of axe or scrolls sideways at 200 %`, async ({ app }) => {
        test.setTimeout(300_000);
        const shell = new ShellPage(app.page);
        if (state === 'full') await fill(app.call);
        const broken: string[] = [];
        for (const [route, title] of screens) {
          await app.goTo(route);
          await shell.isAt(title);
          broken.push(...(await violations(app.page)).map((rule) => `${route}: ${rule}`));
          await app.page.setViewportSize({ width: 600, height: 400 });
          const overflow = await app.page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          if (overflow > 0) broken.push(`${route}: ${String(overflow)} px wider than the page at 200 %`);
          await app.page.setViewportSize({ width: 1200, height: 800 });
        }
        expect(broken).toEqual([]);
      });
    }

    test('no section of Settings breaks a rule of axe: as it is, with its dialogs, and when it fails', async ({
      app,
    }) => {
      test.setTimeout(300_000);
      const { page } = app;
      await fill(app.call);
      await app.call('profiles.add', { name: 'Work' });
      const broken: string[] = [];
      const look = async (name: string): Promise<void> => {
        broken.push(...(await violations(page)).map((rule) => `${name}: ${rule}`));
      };
      for (const [section, title] of sections) {
        await app.goTo(`/settings/${section}`);
        await expect(page.getByRole('heading', { level: 2, name: title })).toBeVisible();
        await look(section);
      }
      for (const [section, button, role] of dialogs) {
        await app.goTo(`/settings/${section}`);
        await page.getByRole('button', { name: button }).click();
        await expect(page.getByRole(role)).toBeVisible();
        await look(`${section}, ${button}`);
        await page.keyboard.press('Escape');
        await expect(page.getByRole(role)).toHaveCount(0);
      }
      const { failsWith } = failure('The disk is full: 0 bytes are free.', 'disk-full');
      const answers = { 'profiles.list': { failsWith }, 'backups.list': { failsWith } };
      await answerWith(page, { ...answers, 'localServer.get': { failsWith } });
      for (const section of ['profiles', 'data', 'server'] as const) {
        await app.goTo('/settings/look');
        await app.goTo(`/settings/${section}`);
        await expect(page.getByRole('alert')).toContainText('The disk is full');
        await look(`${section}, failed`);
      }
      expect(broken).toEqual([]);
    });
  });
}

test('with reduced motion nothing moves', async ({ app }) => {
  await app.page.emulateMedia({ reducedMotion: 'reduce' });
  await app.goTo('/facts');
  await new ShellPage(app.page).isAt('Facts');
  const duration = await app.page.evaluate<string>(
    "getComputedStyle(document.querySelector('.button')).transitionDuration",
  );
  expect(duration).toBe('0s');
});

test('the palette, the help and the regions are reached by keys', async ({ app }) => {
  const shell = new ShellPage(app.page);
  await app.goTo('/facts');
  await shell.isAt('Facts');
  await shell.press('Control+k');
  await expect(app.page.getByRole('searchbox', { name: /Go to a place/ })).toBeFocused();
  expect(await violations(app.page)).toEqual([]);
  await app.page.keyboard.type('inbox');
  await shell.press('ArrowDown', 'Enter');
  await shell.isAt('Inbox');
  await expect(shell.heading).toBeFocused();
  await shell.press('?');
  await expect(app.page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  expect(await violations(app.page)).toEqual([]);
  await shell.press('Escape', 'g', 'l');
  await shell.isAt('Lessons');
  await shell.press('F6');
  await expect(shell.strip).toBeFocused();
});

async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

async function fill(call: (method: string, input?: object) => Promise<unknown>): Promise<void> {
  await call('facts.importSample');
  await call('facts.importText', {
    name: 'cities.json',
    text: JSON.stringify([
      { attribute: 'birthplace', value: 'Lisbon' },
      { attribute: 'birthplace', value: 'Porto' },
    ]),
  });
  await call('proposals.extract', {
    text: 'My cat is called Luna. My dentist is Dr. Moss.',
    source: { type: 'text', name: 'a letter' },
  });
}
