/** The steps in their order. */
export const stepNames = ['computer', 'model', 'facts', 'train', 'chat'] as const;
export type StepName = (typeof stepNames)[number];

/** True for the name of a step. */
export function isStep(name: string): name is StepName {
  return stepNames.some((step) => step === name);
}

/** The step after one; null after the last. */
export function stepAfter(step: StepName): StepName | null {
  return stepNames[stepNames.indexOf(step) + 1] ?? null;
}

/** The step before one; null before the first. */
export function stepBefore(step: StepName): StepName | null {
  return stepNames[stepNames.indexOf(step) - 1] ?? null;
}
