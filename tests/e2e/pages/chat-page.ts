import { expect, type Locator } from '@playwright/test';
import { ShellPage } from './shell-page.ts';

export type ShownAnswer = { readonly speaker: string; readonly words: string; readonly basis: string };

/** The open conversation. */
export class ChatPage extends ShellPage {
  get answers(): Locator {
    return this.page.getByRole('region', { name: 'Chat' }).locator('.answer');
  }

  /** Sends a message and waits for the whole answer. */
  async ask(question: string): Promise<ShownAnswer> {
    const before = await this.answers.count();
    const field = this.page.getByRole('textbox', { name: 'Message' });
    await field.fill(question);
    await field.press('Enter');
    const answer = this.answers.nth(before);
    await expect(answer).toBeVisible({ timeout: 60_000 });
    await expect(answer).toHaveAttribute('aria-busy', 'false', { timeout: 60_000 });
    const basis = answer.locator('.basis-source');
    return {
      speaker: await answer.locator('.speaker').innerText(),
      words: await answer.locator('.markdown, .answer-open, .muted').first().innerText(),
      basis: (await basis.count()) === 0 ? '' : await basis.innerText(),
    };
  }
}
