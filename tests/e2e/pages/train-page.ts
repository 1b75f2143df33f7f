import { expect, type Locator } from '@playwright/test';
import { ShellPage } from './shell-page.ts';

/** The next training, the one that runs, and those that ran. */
export class TrainPage extends ShellPage {
  get run(): Locator {
    return this.page.getByRole('region', { name: 'This run' });
  }

  get recall(): Locator {
    return this.run.getByRole('img', { name: /^Right answers to held-out questions/u });
  }

  get loss(): Locator {
    return this.run.getByRole('img', { name: /^Error fell from/u });
  }

  button(name: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  /** Starts from the plan. */
  async start(): Promise<void> {
    await expect(this.button('Start training')).toBeEnabled({ timeout: 60_000 });
    await this.button('Start training').click();
  }

  /** The step that Train and the strip show, read at one moment; null where one shows none. */
  async steps(): Promise<{ readonly train: number | null; readonly strip: number | null }> {
    const [train, strip] = await this.page.evaluate<string[]>(
      `['.run-head', '.strip'].map((place) => document.querySelector(place)?.textContent ?? '')`,
    );
    return { train: stepIn(train), strip: stepIn(strip) };
  }

  /** Waits until at least that many steps are done. */
  async reaches(step: number): Promise<void> {
    await expect
      .poll(async () => (await this.steps()).train ?? 0, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(step);
  }
}

function stepIn(words = ''): number | null {
  const step = /step ([\d,]+) of/u.exec(words)?.[1];
  return step === undefined ? null : Number(step.replaceAll(',', ''));
}
