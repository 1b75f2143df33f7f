/** The numbers of a run as it was set, each with its name and why it is so. */
import type { RunSetting } from '../../contract/entities/run-detail.ts';
import type { TrainingRun } from '../../contract/entities/training.ts';

type Words = { readonly label: string; readonly why: string; readonly say?: (value: unknown) => string };

const percent = (value: unknown): string => `${Math.round(Number(value) * 100)} %`;

/** In the order in which they are shown; keys are those of the worker's configuration. */
const words: Readonly<Record<string, Words>> = {
  mode: {
    label: 'Kind',
    why: 'From the beginning learns everything; only what changed goes on from a version; a short repair teaches what was not learned.',
    say: (value) => kinds[String(value)] ?? String(value),
  },
  recipe: {
    label: 'Recipe',
    why: 'The set of all numbers below, by name.',
    say: (value) => recipes[String(value)] ?? String(value),
  },
  device: {
    label: 'Device',
    why: 'What computes: the best device that works and has enough memory, unless one is chosen in Settings.',
  },
  threads: { label: 'Threads', why: 'One for each processor core, less one from four cores up.' },
  steps: { label: 'Steps', why: 'As many as the lessons, the passes and the lessons in a step give.' },
  tokens: { label: 'Tokens', why: 'Pieces of words that are read in all passes; the time grows with them.' },
  epochs: { label: 'Passes', why: 'How often the lessons are gone through; each pass takes other wordings.' },
  batch_size: { label: 'Lessons in a step', why: 'Small bases learn facts better from few at a time.' },
  learning_rate: {
    label: 'Learning rate',
    why: 'How far a step moves the version. Where only what changed is taught it moves less, so that what is known stays.',
    say: (value) => Number(value).toExponential(1),
  },
  warmup_steps: {
    label: 'Warm-up steps',
    why: 'The first steps are smaller, so that none spoils the start.',
  },
  final_lr_fraction: {
    label: 'Rate at the end',
    why: 'The rate falls evenly, so that the last steps only smooth.',
    say: percent,
  },
  rank: { label: 'Rank', why: 'The size of a version: more holds more facts and takes more memory.' },
  alpha: { label: 'Scale', why: 'Twice the rank, the usual weight of a version beside the base.' },
  average_last: {
    label: 'Averaged share',
    why: 'The mean of the last steps is kept: it knows more than the last step alone.',
    say: percent,
  },
  max_grad_norm: { label: 'Largest step', why: 'One odd lesson cannot move the version too far.' },
  weight_decay: { label: 'Weight decay', why: 'None: facts are to be kept, not to fade.' },
  seed: {
    label: 'Seed',
    why: 'The same seed and the same lessons give the same version on the same processor.',
  },
};

const kinds: Readonly<Record<string, string>> = {
  rebuild: 'From the beginning',
  warm: 'Only what changed',
  repair: 'Short repair',
};

/** As the page names them where one is chosen. */
const recipes: Readonly<Record<string, string>> = {
  routed: 'Standard',
  standalone: 'Standalone',
  paper: 'Paper',
  'low-memory': 'Low memory',
  quick: 'Quick taste',
};

/** Of a worker's configuration what is worth keeping: numbers and names, no paths. */
export function settingsToKeep(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key in words));
}

/** Every setting that is known of a run; of one from before settings were kept, those of its row. */
export function describeSettings(
  run: Pick<TrainingRun, 'mode' | 'recipe' | 'seed' | 'device'>,
  kept: Readonly<Record<string, unknown>> | undefined,
): RunSetting[] {
  const { mode, recipe, seed, device } = run;
  const used: Record<string, unknown> = { ...kept, mode, recipe, seed };
  if (device !== null) used.device = device;
  return Object.entries(words).flatMap(([key, { label, why, say }]) => {
    const value = used[key];
    const isKnown = typeof value === 'string' || typeof value === 'number';
    return isKnown ? [{ key, label, value: say?.(value) ?? sayValue(value), why }] : [];
  });
}

function sayValue(value: string | number): string {
  return typeof value === 'number' ? value.toLocaleString('en') : value;
}
