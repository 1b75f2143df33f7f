import { AppError } from '../contract/errors.ts';
import type { SampleLimits } from '../core/datasets/dataset-plan.ts';

const names: readonly (keyof SampleLimits)[] = [
  'epochs',
  'formsPerFact',
  'unknown',
  'pass',
  'bridge',
  'general',
];

/** For short trainings: `KEEPSAKE_SAMPLES=unknown=60,pass=40,bridge=20`. Throws `invalid-input`. */
export function sampleLimits(text: string | undefined): SampleLimits | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const limits = text.split(',').map((part) => {
    const [, name, count] = /^\s*(\w+)\s*=\s*(\d{1,6})\s*$/u.exec(part) ?? [];
    const known = names.find((each) => each === name);
    if (known === undefined) {
      throw new AppError('invalid-input', `KEEPSAKE_SAMPLES has no "${part.trim()}".`, {
        hint: `It is written as unknown=60,pass=40; there are: ${names.join(', ')}.`,
      });
    }
    return [known, Number(count)] as const;
  });
  return Object.fromEntries(limits);
}
