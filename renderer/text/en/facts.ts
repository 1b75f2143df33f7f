/** Facts: the table, the details, conflicts, a new fact. */
import { count, day, number, partialDate, plural } from '../format.ts';

export const facts = {
  title: 'Facts',
  list: 'Facts',
  search: 'Search facts',
  newFact: 'New fact',
  found: (shown: number, all: number) => `${number(shown)} of ${count(all, 'fact')}`,
  all: (inForce: number, retired: number) =>
    retired === 0 ? count(inForce, 'fact') : `${count(inForce, 'fact')}, ${number(retired)} retired`,
  rowName: (statement: string, state: string) => `${statement} ${state}`,
  heads: { fact: 'Fact', category: 'Category', tier: 'Tier', state: 'State' },
  filters: {
    tier: 'Tier',
    state: 'State',
    category: 'Category',
    clear: 'Clear filters',
    flagConflict: 'Conflict',
    flagWaiting: 'Waiting',
  },
  sort: 'Sort',
  sorts: {
    newest: 'Newest first',
    oldest: 'Oldest first',
    statement: 'By statement',
    category: 'By category',
    tier: 'By tier',
    state: 'By state',
  },
  conflictsWait: (pairs: number) =>
    `${count(pairs, 'conflict')}: ${plural(pairs, 'a thing has', 'things have')} two values, and chat uses one of them.`,
  settle: 'Settle',
  noneFound: 'No fact fits.',
  noneFoundWords: 'Change the search or the filters.',
  emptyTitle: 'What should the model know about you?',
  emptyWords:
    'A fact is one short sentence about you or somebody you know. Chat uses it at once; the next training teaches it to the model.',
  examples: [
    ['Your cat is called Luna.', 'simple'],
    ['Your partner is Jordan.', 'relational'],
    ['You lived in Oslo until 2021.', 'temporal'],
  ],
  addFirst: 'Add a fact',
  interview: 'Interview me',
  fromText: 'From text or a file',

  pane: 'Fact',
  about: 'About',
  value: 'Value',
  changedOrTypo: 'What is new about it?',
  itChanged: 'It changed',
  itChangedNote: 'The old value is kept as past, with its end, and taught so.',
  itWasTypo: 'It was a typo',
  itWasTypoNote: 'The old value is replaced and never taught.',
  itWasWrong: 'The old one was wrong',
  keepBoth: 'Keep both',
  keepBothNote: 'They wait as a conflict until you settle it; chat uses the new one.',
  otherValue: 'Another value is there. What is new about it?',
  knownAndTold: (known: string, told: string) => `Known: ${known} New: ${told}`,
  changedOn: 'True from',
  trueFrom: 'True from',
  trueUntil: 'True until',
  dateNote: 'Year, month or day: 2021, 2021-03 or 2021-03-14',
  badDate: 'A date is 2021, 2021-03 or 2021-03-14.',
  saveDates: 'Save the dates',
  category: 'Category',
  tier: 'Tier',
  source: 'Source',
  sources: {
    typed: (at: number) => `You wrote it, ${day(at)}`,
    imported: (file: string, line: number) => `${file}, line ${number(line)}`,
    derived: 'Follows from two other facts',
  },
  tests: 'Tests',
  testsWords: (right: number, asked: number, version: number, at: number) =>
    `${number(right)} of ${count(asked, 'test')} right (version ${number(version)}, ${day(at)})`,
  neverAsked: 'Not tested yet.',
  toldWrong: 'You called an answer about it wrong, so chat reads it from the prompt until the next training.',
  failed: (wrong: number, asked: number) =>
    `It failed ${number(wrong)} of ${count(asked, 'test')}, so chat still reads it from the prompt.`,
  mixedUp: 'An answer gave the value of another fact, or the old one.',
  tooFewTests: (asked: number, needed: number) =>
    `${count(asked, 'test')} asked; ${number(needed)} are needed to call it learned.`,
  history: 'History',
  historySpan: (from: string | null, to: string | null) => {
    if (from !== null && to !== null) return `${partialDate(from)} to ${partialDate(to)}`;
    if (from !== null) return `from ${partialDate(from)}`;
    return to === null ? '' : `until ${partialDate(to)}`;
  },
  parents: 'Follows from',
  children: 'Others follow from it',
  derivedNote: 'This one follows from the facts below and changes with them. It cannot be edited itself.',
  neverTrain: 'Never train',
  neverTrainNote: 'It stays in the prompt and is taught to no version. For secrets.',
  ended: 'It ended',
  forget: 'Forget',
  lessons: 'Lessons of this fact',

  forgetTitle: 'Forget this fact?',
  forgetMany: (facts: number) => `Forget ${count(facts, 'fact')}?`,
  forgetWords: (statement: string) =>
    `${statement} It leaves chat at once. Every version that learned it is destroyed, and the next training rebuilds the model without it. This cannot be undone.`,
  forgetManyWords: (facts: number) =>
    `${count(facts, 'fact')} leave chat at once. Every version that learned one of them is destroyed, and the next training rebuilds the model without them. This cannot be undone.`,
  forgetVersions: 'Past and other values of the same thing as well',
  rebuildTime: (minutes: string) => `The rebuild takes about ${minutes}.`,
  forgotten: (versions: number) =>
    versions === 0
      ? 'Forgotten. No version had learned it.'
      : `Forgotten. ${count(versions, 'version')} that had learned it ${plural(versions, 'is', 'are')} destroyed.`,
  forgottenExports: (exports: number) =>
    ` ${count(exports, 'file')} exported for other programs still ${plural(exports, 'holds', 'hold')} it.`,

  saved: (value: string) => `${value} is saved. Chat knows it now; the model learns it at the next training.`,
  savedTypo: (value: string) => `${value} is saved in place of the typo.`,
  datesSaved: 'The dates are saved.',
  neverTrainOn: 'Never trained from now on. It stays in the prompt.',
  neverTrainOff: 'It is taught at the next training.',
  endedSaved: 'It is kept as past, ended today.',
  categorySaved: (category: string) => `Category: ${category}.`,
  unlearnt: (versions: number) =>
    ` ${count(versions, 'version')} that had learned it ${plural(versions, 'is', 'are')} destroyed.`,
  bulkSaved: (facts: number) => `${count(facts, 'fact')} changed.`,

  selectAll: (facts: number) => `Select all ${number(facts)}`,
  allSelected: (facts: number) => `All ${count(facts, 'fact')} that fit are selected`,
  clearSelection: 'Clear the selection',
  bulkNeverTrain: 'Never train',
  bulkTrain: 'Train again',
  bulkEnd: 'They ended',
  bulkForget: 'Forget',

  goneTitle: 'That fact no longer exists.',
  goneWords: 'It was deleted, or the link is of another profile.',

  newTitle: 'New fact',
  subject: 'About',
  subjectMe: 'Me',
  subjectNote: 'Me, or a name',
  attribute: 'What',
  attributeNote: 'partner, birthday, favourite food',
  valueNote: 'Jordan, 3 March 1990, lentil soup',
  add: 'Add',
  addAnother: 'Add and write another',
  needBoth: 'It needs what it is about and a value.',
  conflictNew: (kept: string) =>
    `${kept} is saved beside the value that was there. Settle the two under Conflicts; chat uses ${kept}.`,
  replaced: (before: string) => ` Kept as past: ${before}`,
  unchangedNew: 'This is known already.',

  conflictsTitle: 'Conflicts',
  conflictsEmpty: 'No conflicts.',
  conflictsEmptyWords:
    'When two values are given for the same thing, both wait here until you say which is true.',
  conflictQuestion: (left: string, right: string) =>
    `You have two values: ${left} and ${right}. Which is true today?`,
  conflictLeft: 'Left is right',
  conflictRight: 'Right is right',
  conflictTimes: 'Both, at different times',
  conflictBoth: 'Both are true',
  conflictKeys: 'Keys 1, 2, 3 and 4 settle the conflict that has the focus.',
  conflictSettled: (value: string) => `Settled: ${value}.`,
  conflictSettledTimes: (now: string, then: string) => `Settled: ${now} now, ${then} before.`,
  conflictSettledBoth: 'Settled: both are true.',
  conflictsLeft: (pairs: number) =>
    pairs === 0 ? 'No conflicts are left.' : `${count(pairs, 'conflict')} left.`,
  backToFacts: 'Back to facts',
  addedOn: (at: number) => `Added ${day(at)}`,
} as const;
