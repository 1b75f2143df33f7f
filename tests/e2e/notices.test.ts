import type { Page } from '@playwright/test';
import { expect, test } from './helpers/app-host.ts';
import { answerWith, failure } from './helpers/states.ts';
import { FactsPage } from './pages/facts-page.ts';

test('what was done is said for some seconds, longer under the pointer, and covers nothing', async ({
  app,
}) => {
  const { page } = app;
  const facts = new FactsPage(page);
  await page.clock.install();
  await page.reload();
  await app.goTo('/facts');
  for (const width of [1200, 900, 600]) {
    await page.setViewportSize({ width, height: 700 });
    await facts.addByKeyboard(`pet ${width}`, `Luna ${width}`);
    await expect(facts.undoBar).toContainText(`Luna ${width} is saved.`);
    expect(await covered(page)).toEqual([]);
    await facts.press('Escape');
    await expect(facts.undoBar).toHaveCount(0);
    await expect(facts.row(new RegExp(`Luna ${width}`, 'u'))).toBeFocused();
  }
  await facts.addByKeyboard('cat', 'Luna');
  await facts.undoBar.hover();
  await page.clock.fastForward(30_000);
  await expect(facts.undoBar).toContainText('Luna is saved.');
  await facts.heading.hover();
  await page.clock.fastForward(4_000);
  await expect(facts.undoBar).toBeVisible();
  await page.clock.fastForward(3_000);
  await expect(facts.undoBar).toHaveCount(0);
  await facts.press('Escape', 'Control+z');
  await expect(facts.row(/cat is Luna\./u)).toHaveCount(0);
});

test('what failed stays until Escape closes it', async ({ app }) => {
  const { page } = app;
  await page.clock.install();
  await answerWith(page, { 'facts.importSample': failure('The disk is full.', 'disk-full') });
  await page.reload();
  await app.goTo('/welcome/facts');
  await page.getByRole('button', { name: 'Try it with a made-up person' }).click();
  const note = page.getByRole('alert').filter({ hasText: 'The disk is full.' });
  await expect(note).toBeVisible();
  await page.clock.fastForward(60_000);
  await expect(note).toBeVisible();
  await page.getByRole('textbox', { name: 'What is your first name?' }).focus();
  await page.keyboard.press('Escape');
  await expect(note).toHaveCount(0);
});

test('below 1100 px the pane is a drawer that is wholly seen', async ({ app }) => {
  const { page } = app;
  const facts = new FactsPage(page);
  await app.call('facts.add', { attribute: 'cat', value: 'Luna' });
  for (const width of [1050, 900, 600]) {
    await page.setViewportSize({ width, height: 700 });
    await app.goTo('/facts');
    await facts.row(/Luna/u).click();
    const box = await facts.pane.boundingBox();
    expect(box?.width).toBe(400);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBe(width);
    await facts.press('Escape');
    await expect(facts.pane).toHaveCount(0);
  }
});

/** Buttons and fields that lie under the bar, by their words. */
function covered(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const bar = document.querySelector('.undo-bar');
    const { top, bottom } = bar.getBoundingClientRect();
    return [...document.querySelectorAll('button, input, textarea, a')].flatMap((each) => {
      const box = each.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const isUnder = !bar.contains(each) && box.height > 1 && y > top && y < bottom;
      const onTop = isUnder ? document.elementFromPoint(x, y) : null;
      return onTop !== null && bar.contains(onTop) ? [each.textContent || each.outerHTML] : [];
    });
  })()`);
}
