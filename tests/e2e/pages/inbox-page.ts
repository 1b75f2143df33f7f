import { expect, type Locator } from '@playwright/test';
import { ShellPage } from './shell-page.ts';

/** The list of proposals and the pane beside it. */
export class InboxPage extends ShellPage {
  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Proposals' });
  }

  row(words: string | RegExp): Locator {
    return this.grid.getByRole('row', { name: words });
  }

  /** Waits until that many proposals are open. */
  async has(proposals: number): Promise<void> {
    if (proposals === 0) await expect(this.page.getByText('Nothing to review.').first()).toBeVisible();
    else await expect(this.grid).toHaveAttribute('aria-rowcount', String(proposals));
  }
}
