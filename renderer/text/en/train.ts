/** Train: the plan, the run, its history. */
import type { TaughtWhy } from '../../../electron/contract/entities/train-plan.ts';
import { bytes, count, decimal, duration, list, number, percent, plural, timeRange } from '../format.ts';

type Counts = Readonly<Partial<Record<TaughtWhy, number>>>;

const whyWords: Readonly<Record<TaughtWhy, string>> = {
  new: 'new',
  changed: 'changed',
  ended: 'ended',
  dependent: 'dependent',
  weak: 'weak',
  again: 'known',
};

export const train = {
  whyWords,
  start: 'Start training',
  resume: 'Resume',
  starting: 'Starting',
  plan: 'The next training',
  reading: 'the plan',
  readingRun: 'the run',
  readingRuns: 'past runs',

  what: (mode: 'nothing' | 'warm' | 'rebuild', counts: Counts, former: number, replayed: number) => {
    if (mode === 'nothing') return 'Nothing to teach: the version in use knows all of this already.';
    const parts = (Object.keys(whyWords) as TaughtWhy[]) // Object.keys forgets the names of the record above.
      .map((why) => [why, counts[why] ?? 0] as const)
      .filter(([, facts]) => facts > 0)
      .map(([why, facts]) => `${number(facts)} ${whyWords[why]}`);
    const facts = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const verb = mode === 'rebuild' ? 'Teach' : 'Re-teach';
    const keep = replayed > 0 ? `; keep ${number(replayed)} fresh` : '';
    const today = facts > 0 ? [`${list(parts)} ${plural(facts, 'fact', 'facts')}`] : [];
    const once = former > 0 ? [count(former, 'former value')] : [];
    return `${verb} ${[...today, ...once].join(' and ')}${keep}`;
  },
  time: (low: number, high: number, basis: 'measured' | 'estimate') =>
    `${timeRange(low, high)}${basis === 'measured' ? ', from your last runs' : ', an estimate'}`,
  timeLabel: 'Time',
  judging: (seconds: number) => `about ${duration(seconds)} of it for the test`,
  memoryLabel: 'Memory',
  memory: (needed: number, free: number | null) =>
    free === null ? `${bytes(needed)} needed` : `${bytes(needed)} of ${bytes(free)} free`,
  baseLabel: 'Model',
  deviceLabel: 'Computed by',
  samplesLabel: 'Lessons',
  samples: (samples: number, steps: number, epochs: number) =>
    `${number(samples)}, ${count(steps, 'step')} over ${count(epochs, 'pass', 'passes')}`,
  startsFrom: 'Starts from',
  fromVersion: (version: number | null) =>
    version === null ? 'the version in use' : `version ${number(version)}`,
  fromBase: 'the plain model',
  facts: (facts: number) => `${count(facts, 'fact')} taught`,
  showFacts: 'What is taught',
  moreFacts: (facts: number) => `and ${number(facts)} more`,
  noFit: (needed: number, free: number) =>
    `Training needs ${bytes(needed)} and ${bytes(free)} is free. Your facts are safe. Close programs, choose the low-memory recipe, or a smaller model.`,
  noDisk: (needed: number, free: number) =>
    `Training needs ${bytes(needed)} on the disk and ${bytes(free)} is free. Your facts are safe. Free space, then start.`,
  tryAnyway: 'Try anyway',
  exclusive: 'Chat has to pause while it runs: both do not fit into memory.',
  coexist: 'Chat goes on while it runs, more slowly.',
  resumes: (step: number | null, steps: number | null) =>
    step === null
      ? 'A stopped training is gone on with. No work is lost.'
      : `A stopped training goes on from step ${number(step)} of ${number(steps)}. No work is lost.`,
  whyRebuild: 'Why from the beginning',

  missing: 'Nothing can be trained yet',
  missingWords:
    'A training makes lessons of your facts, teaches them to the model, and tests what it learned.',
  missingModel: 'Choose a base model',
  missingFacts: 'Add a first fact',

  advanced: 'Advanced settings',
  recipe: 'Recipe',
  recipes: {
    routed: 'Standard',
    standalone: 'Standalone',
    paper: 'Paper',
    'low-memory': 'Low memory',
    quick: 'Quick taste',
  },
  recipeWhy: {
    routed:
      'The default. It learns your facts and hands everything else to the plain model, which stays as good as it was.',
    standalone:
      'For other programs that know no versions: it answers everything itself. Slower, and it can lose some ability.',
    paper: 'Settings as published by others, for comparison.',
    'low-memory': 'About a third of the memory, about twice the time.',
    quick: 'Two minutes, a taste. It proves nothing and is not approved.',
  },
  seed: 'Seed',
  seedWhy: 'Default 42. The same seed and facts give the same lessons; another one mixes them anew.',
  seedProblem: 'A seed is a whole number.',
  device: 'Device',
  deviceBest: 'Best that fits',
  deviceWhy: 'The default takes the fastest that has enough memory.',
  baseWhy: 'What is learned belongs to one model; another one starts from nothing.',
  baseDefault: 'As in Models',
  stillWeak: (weak: number) =>
    `${count(weak, 'fact')} did not pass ${plural(weak, 'its', 'their')} test; chat reads ${plural(weak, 'it', 'them')} from the prompt. More lessons or a rebuild may help.`,
  rebuildToggle: 'Teach everything again',
  rebuildWhy: 'Off by default: only what changed is taught, the rest is repeated.',

  phases: {
    waiting: 'Waiting',
    load: 'Loading the model',
    prepare: 'Preparing lessons',
    learn: 'Learning',
    save: 'Saving',
    test: 'Testing',
    ended: 'Ended',
  },
  run: (version: number | null, started: string) =>
    version === null ? `Run of ${started}` : `Run of ${started}, version ${number(version)}`,
  runNow: 'This run',
  step: (step: number, steps: number | null) =>
    `step ${number(step)}${steps === null ? '' : ` of ${number(steps)}`}`,
  left: (seconds: number) => `about ${duration(seconds)} left`,
  measuring: 'measuring the time',
  tokensPerSecond: (tokens: number) => `${count(tokens, 'token')} a second`,
  memoryUsed: (peak: number) => `${bytes(peak)} of memory`,
  pause: 'Pause',
  cancel: 'Cancel',
  pausing: 'Pausing after this step',
  cancelling: 'Stopping after this step',
  cancelled: (version: number | null) =>
    version === null
      ? 'The training is cancelled. Chat reads your facts from the prompt.'
      : `The training is cancelled. Chat stays on version ${number(version)}.`,
  paused: (step: number | null, steps: number | null) =>
    `Paused${step === null ? '' : ` at step ${number(step)} of ${number(steps)}`}. No work is lost.`,
  interrupted: (step: number | null, steps: number | null) =>
    `It stopped${step === null ? '' : ` at step ${number(step)} of ${number(steps)}`}. No work is lost.`,
  silent: (seconds: number) =>
    `No news for ${number(seconds)} s. The trainer may be busy; it is given up after 60 s.`,
  safe: 'Your facts are safe.',

  charts: 'Curves',
  table: 'Table',
  chart: 'Chart',
  recall: 'Right on held-out',
  recallNow: (right: number, asked: number) => `${number(right)} of ${number(asked)}`,
  target: (share: number) => `target ${number(share * 100)} %`,
  loss: 'Error (loss)',
  lossMeaning: 'Lower is better.',
  noPoints: 'The curve begins with the first step.',
  noProbes: 'Asked at least four times in a run; the first answers are not in yet.',
  recallSentence: (right: number, asked: number, step: number, first: number) =>
    `Right answers to held-out questions: ${number(right)} of ${number(asked)} at step ${number(step)}, ${percent(first, 1)} at first.`,
  lossSentence: (first: number, last: number, step: number) =>
    `Error fell from ${decimal(first)} to ${decimal(last)} at step ${number(step)}.`,
  columns: { step: 'Step', loss: 'Error', speed: 'Tokens a second', right: 'Right', asked: 'Asked' },
  failing: 'Still failing',
  failingFact: (right: number, asked: number) => `${number(right)} of ${number(asked)}`,
  noneFailing: 'None: every held-out question was right at the last look.',

  history: 'Runs',
  noRuns: 'No training has run yet.',
  runColumns: { when: 'When', result: 'Result', facts: 'Right', time: 'Time', recipe: 'Recipe' },
  states: {
    queued: 'waiting',
    running: 'running',
    paused: 'paused',
    cancelled: 'cancelled',
    failed: 'failed',
    interrupted: 'stopped',
    succeeded: 'ended',
  },
  approved: 'approved',
  notApproved: 'not approved',
  versionMade: (version: number) => `version ${number(version)}`,
  modes: { rebuild: 'from the beginning', warm: 'only what changed', repair: 'short repair' },
  select: (name: string) => `Select ${name}`,
  compare: (chosen: number) => (chosen === 2 ? 'Compare 2' : 'Compare'),
  compareHint: 'Tick two runs to compare them.',
  back: 'All runs',
  settings: 'Settings of this run',
  settingColumns: { label: 'Setting', value: 'Value', why: 'Why' },
  result: 'Result',
  resultWords: (right: number, asked: number) =>
    `${number(right)} of ${number(asked)} unseen questions right, facts hidden.`,
  openReport: 'Open the report',
  goneRun: 'That run no longer exists.',
  details: 'Details',
  duration: 'Time',

  compareTitle: 'Two runs side by side',
  settingsDiffer: 'Settings that differ',
  noSettingsDiffer: 'No setting differs.',
  better: 'Better in the second',
  worse: 'Worse in the second',
  none: 'None.',
  couldBeChance: 'The difference could be chance.',
  notChance: 'The difference is more than chance.',
  rightOf: (part: { readonly right: number; readonly asked: number } | null) =>
    part === null ? 'not tested' : `${number(part.right)} of ${number(part.asked)} right`,
} as const;
