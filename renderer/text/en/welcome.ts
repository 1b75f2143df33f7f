/** The first steps. */
import { bytes, count, duration, number, plural, timeRange } from '../format.ts';
import { interview } from './interview.ts';

export const welcome = {
  steps: {
    computer: 'Computer',
    model: 'Model',
    facts: 'Facts',
    train: 'Train',
    chat: 'First chat',
  },
  titles: {
    computer: 'What this computer can do',
    model: 'Choose a base model',
    facts: 'What should it know about you?',
    train: 'Teach the model',
    chat: 'The first chat',
  },
  stepsLabel: 'Steps',
  stepOf: (step: number, steps: number) => `Step ${number(step)} of ${number(steps)}`,
  done: 'done',
  next: 'Next',
  finish: 'Finish',
  back: 'Back',
  leave: 'Leave, go on later',
  skip: 'Skip the first steps',

  intro:
    'Keepsake teaches a language model facts about you, on this computer. Nothing you tell it leaves the machine.',
  sample: 'Try it with a made-up person',
  sampleAdded: (facts: number) =>
    `${count(facts, 'fact')} of a made-up person are here. Delete them when you like.`,
  processor: 'Processor',
  processorWords: (name: string, threads: number) => `${name}, ${count(threads, 'thread')}`,
  memory: 'Memory',
  memoryWords: (all: number, free: number) => `${bytes(all)}, ${bytes(free)} free`,
  disk: 'Free disk space',
  graphics: 'Graphics card',
  noGraphics: 'No graphics card was found. Chat works; training runs on the processor and takes longer.',
  /** A driver that is missing names no card. */
  graphicsUnusable: (name: string, reason: string) => (name === '' ? reason : `${name}: ${reason}`),
  dataFolder: 'Data folder',
  dataNote: 'Facts, versions and conversations live there, unencrypted. Disk encryption protects them.',
  littleDisk: (free: number) =>
    `${bytes(free)} of disk space is free. A small model needs about 1 GB, a training some 100 MB more.`,
  littleMemory: (free: number) =>
    `${bytes(free)} of memory is free. Close other programs, or choose the smallest model in the next step.`,

  here: 'On this computer',
  use: 'Use',
  inUse: 'In use',
  defaultThere: 'A base model came with the set-up and is used until you choose another one.',
  recommended: 'These fit for chat and training',
  noneFits: 'None of the recommended models fits for training here. The smallest are shown.',
  get: 'Get',
  fits: 'chat and training fit',
  fitsSlowly: 'chat fits, training is slow',
  fitsChat: 'chat fits, training does not',
  fitsNot: 'does not fit',
  memoryNeed: (train: number, free: number) => `training needs ${bytes(train)} of ${bytes(free)} free`,
  ownFile: 'Or a GGUF file of your own',
  ownFileNote: 'Full path of the file. It stays where it is.',
  addFile: 'Add file',
  added: (name: string) => `${name} is ready.`,
  missingFile: 'its file is missing',
  downloading: (name: string) => `Getting ${name}`,
  downloadWords: (done: number, total: number | null, left: string) =>
    `${bytes(done)} of ${total === null ? 'unknown' : bytes(total)}, ${left}`,
  pause: 'Pause',
  resume: 'Resume',
  nextWorks: 'Next works while it downloads.',
  downloadStopped: 'It continues from there.',
  moreModels: 'More models',

  aim: (facts: number, aim: number) =>
    facts >= aim
      ? `${count(facts, 'fact')}. That is enough for a first training.`
      : `${number(facts)} of ${number(aim)} facts for a good first training.`,
  interviewTab: 'Interview',
  textTab: 'Text or files',
  interview,
  interviewWords: 'Answer what you like and leave out the rest. Each answer is saved as you go.',
  example: (value: string) => `for example ${value}`,
  saveAnswer: 'Save',
  answerSaved: 'Saved',
  proposalsWait: (proposals: number) =>
    `${count(proposals, 'proposal')} ${plural(proposals, 'waits', 'wait')} for you.`,
  review: 'Review them',

  planWords: (facts: number) => `${count(facts, 'fact')} will be taught.`,
  nothingToTeach: 'Nothing is to be taught yet. Add a fact first; this step waits.',
  time: 'Time',
  timeWords: (low: number, high: number, judge: number) =>
    `${timeRange(low, high)}, about ${duration(judge)} of it for the test`,
  memoryPlan: (needed: number, free: number | null) =>
    `${bytes(needed)}${free === null ? '' : ` of ${bytes(free)} free`}`,
  diskPlan: (needed: number, free: number | null) =>
    `${bytes(needed)}${free === null ? '' : ` of ${bytes(free)} free`}`,
  planMemory: 'Memory',
  planDisk: 'Disk',
  planModel: 'Base model',
  planDevice: 'Runs on',
  noFit: (needed: number, free: number) =>
    `Training needs ${bytes(needed)} and ${bytes(free)} is free. Close programs or choose a smaller model.`,
  start: 'Start training',
  later:
    'Chat already uses your facts from the prompt. Training can wait; the line below starts it at any time.',
  runs: 'The training runs. Next works meanwhile; the line below says how far it is.',
  trained: (version: number) => `Version ${number(version)} is in use.`,
  readingPlan: 'the plan',

  chatWords: 'Press a question. The model that was taught answers beside the plain one.',
  neverTold: "What is my landlord's shoe size?",
  neverToldNote: 'This one you never told it.',
  noQuestions: 'Add facts first: the questions are about them.',
  you: 'You',
  tuned: 'With your facts',
  base: 'Plain model',
  answering: 'Answering',
  stopped: 'stopped',
  empty: '(no answer)',
} as const;
