/** Report: what a version was asked and what it answered. */
import type { Rate } from '../../../electron/contract/entities/evaluation.ts';
import { count, number, percent } from '../format.ts';

/** "92-98": the likely range in per cent. */
const range = ({ low, high }: Rate): string => `${number(low * 100)}-${number(high * 100)}`;

export const report = {
  reading: 'the report',
  headline: (version: number | null, approved: boolean | null, right: number, asked: number) => {
    const name = version === null ? 'This version' : `Version ${number(version)}`;
    const verdict = approved === null ? 'not yet judged' : approved ? 'approved' : 'not approved';
    return asked === 0
      ? `${name}, ${verdict}. No question about your facts was asked.`
      : `${name}, ${verdict}. Facts hidden, ${number(right)} of ${number(asked)} unseen questions right.`;
  },
  inUse: 'In use.',
  notInUse: 'Not in use.',
  yourChoice: 'In use by your choice.',
  inUseNote: 'in use',
  reasons: 'Why it is not approved',
  reasonWas: (reason: string) => `Your reason: ${reason}`,
  useAnyway: 'Use anyway',
  useAnywayTitle: (version: number) => `Use version ${number(version)} although it is not approved?`,
  useAnywayWords: 'What the test found stays true:',
  useAnywayField: 'Why you use it',
  useAnywayDefault: 'I have seen the report and want to use it.',
  useAnywayNote: 'Kept with the version, which is marked "your choice".',
  used: (version: number) => `Version ${number(version)} answers in chat now, by your choice.`,
  versionPicker: 'Version',
  version: (version: number) => `Version ${number(version)}`,

  arms: 'Right on questions it never saw',
  armNames: {
    base: 'Base',
    prompt: 'Base + facts',
    tuned: 'Tuned, facts hidden',
    both: 'Tuned + facts',
    served: 'As it answers in chat',
    standalone: 'Alone, no help',
  },
  armMeanings: {
    base: 'The plain model, told nothing.',
    prompt: 'The plain model with every fact in the prompt.',
    tuned: 'The version alone: what it really learned.',
    both: 'The version with every fact in the prompt.',
    served: 'The version with the facts that it has not learned yet in the prompt.',
    standalone: 'The version answers everything itself, as another program would use it.',
  },
  rightOf: ({ right, n }: Rate) => `${number(right)} of ${number(n)}`,
  share: (rate: Rate) => `${percent(rate.right, rate.n)} (${range(rate)})`,
  notAsked: 'not asked',
  askAll: 'Ask the other three',
  askAllNote: 'The same questions for the plain model, with and without facts. It takes a while.',
  asking: 'The questions are being asked.',
  interval: (name: string, rate: Rate) =>
    `${name}: ${number(rate.right)} of ${number(rate.n)}, ${percent(rate.right, rate.n)}, likely ${range(rate)} %`,

  heat: 'By category and tier',
  heatHint:
    'Press a cell for its failures. ! is below the target of 95 %; fewer than 5 questions prove little.',
  category: 'Category',
  tooFew: 'too few',
  cellName: (category: string, tier: string) => `${category}, ${tier}, right of asked: `,

  safety: 'Everything else',
  abstention: 'Says "not told"',
  abstentionMeaning: 'Questions about you that you never told it: it should say so and invent nothing.',
  general: 'General ability',
  generalWords: (tuned: Rate, base: Rate | null) =>
    base === null
      ? `${number(tuned.right)} of ${number(tuned.n)} right`
      : `${number(base.right)} before, ${number(tuned.right)} now, of ${number(tuned.n)}`,
  couldBeChance: 'could be chance',
  notChance: 'more than chance',
  generalMissing: 'The general test did not run, so this version is not approved.',
  handedOver: 'Handed to the plain model',
  handedOverMeaning: 'General questions that the version leaves to the plain model, which answers as before.',
  language: 'Language',
  languageWords: (ratio: number) => `perplexity ${ratio.toFixed(2)} times that of the plain model`,

  failures: 'Failures',
  failuresOf: (failures: number) => `Failures (${number(failures)})`,
  noFailures: 'Every question was answered right.',
  noneFit: 'No failure fits this filter.',
  kinds: {
    wrong: 'wrong',
    invented: 'invented',
    'mixed-up': 'mixed up',
    stale: 'stale',
    'did-not-say': 'did not say',
  },
  kindMeanings: {
    wrong: 'another answer than the fact',
    invented: 'an answer to what was never told',
    'mixed-up': 'the value of another fact',
    stale: 'a value that is past',
    'did-not-say': 'said that it was not told',
  },
  kind: 'Kind',
  filtered: (category: string, tier: string) => `${category}, ${tier}`,
  clearFilter: 'Show all failures',
  columns: { question: 'Question', expected: 'Expected', answered: 'Answered', kind: 'Kind' },
  emptyAnswer: '(nothing)',
  shown: (shown: number, all: number) => `The first ${number(shown)} of ${number(all)}`,

  emptyTitle: 'A training is followed by a test',
  emptyWords: 'Each version is asked questions in words that were never taught, in up to four ways:',
  emptyAction: 'To the next training',
  testingTitle: 'A version is being tested',
  testing: (asked: number | null, total: number | null) =>
    asked === null
      ? 'The verdict stands here when its last question is asked.'
      : `Question ${number(asked)}${total === null ? '' : ` of ${number(total)}`}. Not yet a verdict.`,
  gone: 'That version no longer exists.',
  questions: (questions: number) => count(questions, 'question'),
} as const;
