import { expect, type Locator } from '@playwright/test';
import { ShellPage } from './shell-page.ts';

/** The table of facts and the pane beside it. */
export class FactsPage extends ShellPage {
  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Facts' });
  }

  row(words: string | RegExp): Locator {
    return this.grid.getByRole('row', { name: words });
  }

  field(label: string): Locator {
    return this.pane.getByRole('textbox', { name: label, exact: true });
  }

  /** Fills the form of a new fact by keyboard alone, from anywhere on the page. */
  async addByKeyboard(attribute: string, value: string): Promise<void> {
    await expect(this.page.getByRole('button', { name: 'New fact' })).toBeVisible();
    await this.press('Control+Enter');
    await expect(this.field('What')).toBeFocused();
    await this.page.keyboard.type(attribute);
    await this.press('Tab');
    await this.page.keyboard.type(value);
    await this.press('Enter');
    await expect(this.field('Value')).toHaveValue(value);
    await expect(this.pane.getByRole('heading', { level: 2 })).toContainText(value);
  }

  /** Changes the value of the fact that is open. */
  async changeValue(value: string, choice: 'It changed' | 'It was a typo'): Promise<void> {
    await this.field('Value').fill(value);
    await this.pane.getByRole('button', { name: choice }).click();
    await expect(this.undoBar).toContainText(value);
  }
}
