import { expect, type Locator, type Page } from '@playwright/test';

/** What every screen has. */
export class ShellPage {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get heading(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  get strip(): Locator {
    return this.page.getByRole('contentinfo', { name: 'What the model knows' });
  }

  get pane(): Locator {
    return this.page.getByRole('complementary');
  }

  get undoBar(): Locator {
    return this.page.locator('.undo-bar');
  }

  async isAt(title: string): Promise<void> {
    await expect(this.heading).toHaveText(title);
    await expect(this.page).toHaveTitle(`${title} - Keepsake`);
    await expect(this.page.locator('.loading')).toHaveCount(0, { timeout: 60_000 });
  }

  press(...keys: readonly string[]): Promise<void> {
    return keys.reduce(async (before, key) => {
      await before;
      await this.page.keyboard.press(key);
    }, Promise.resolve());
  }
}
