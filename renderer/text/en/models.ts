/** Models: the base models, what they need, and where they come from. */
import type { FitReport } from '../../../electron/contract/entities/catalogue.ts';
import { bytes, count, duration, number, plural } from '../format.ts';

const chatWords = (fit: FitReport): string =>
  fit.chat === 'yes' ? 'chat fits' : `chat needs ${bytes(fit.chatBytes)}: no`;

const trainWords = (fit: FitReport): string =>
  fit.train === 'yes'
    ? `training ${bytes(fit.trainBytes)} of ${bytes(fit.availableBytes)}`
    : fit.train === 'slowly'
      ? `training fits slowly, ${bytes(fit.trainFrugalBytes)} of ${bytes(fit.availableBytes)}`
      : `training needs ${bytes(fit.trainFrugalBytes)}: no`;

/** The same words in every picker. */
function fitWords(fit: FitReport | null): string {
  if (fit === null) return 'its file cannot be read';
  if (fit.chat === 'yes' && fit.train === 'yes') return `both fit, training ${bytes(fit.trainBytes)}`;
  return `${chatWords(fit)} | ${trainWords(fit)}`;
}

function fitShort(fit: FitReport | null): string {
  if (fit === null) return 'cannot be read';
  if (fit.chat === 'no') return 'does not fit';
  return fit.train === 'yes' ? 'both fit' : fit.train === 'slowly' ? 'trains slowly' : 'chat only';
}

export const models = {
  fitWords,
  fitShort,
  reading: 'models',
  readingMachine: 'this computer',
  machine: (processor: string, threads: number, free: number, memory: number, disk: number | null) =>
    `${processor}, ${count(threads, 'thread')} | memory ${bytes(memory)} (${bytes(free)} free) | ${
      disk === null ? 'disk unknown' : `disk ${bytes(disk)} free`
    }`,
  noGraphics: 'No graphics card was found; the processor does the work.',
  graphics: (name: string, free: number, total: number) => `${name}, ${bytes(total)} (${bytes(free)} free)`,
  addFile: 'Add file',
  addTitle: 'Add a file of your own',
  addField: 'Path of a GGUF file on this computer',
  addNote: 'The file stays where it is. Models of the kinds Llama, Qwen2 and Qwen3 can be used.',
  chooseFile: 'Choose a file',
  addHow: 'What happens with the file',
  places: { stay: 'It stays where it is', copy: 'A copy is made', link: 'A link is made' },
  add: 'Add',
  adding: 'Reading the file',
  added: (name: string) => `${name} is added.`,
  addedAlready: (name: string) => `${name} was there already.`,
  search: 'Search models',
  fitsOnly: 'Fits only',
  own: 'On this computer',
  catalogue: 'To get',
  noneOwn:
    'No base model is on this computer yet. Get one below; the smallest takes less than a minute on most lines.',
  noneFit: 'No model of the catalogue fits this search. Untick "Fits only" to see all.',
  hub: 'Search huggingface.co too (opens a connection)',
  hubTitle: 'From the hub',
  hubNone: 'The hub has no such model.',
  gated: 'needs an account there',
  unsupported: 'cannot be used',
  chosen: 'in use',
  use: 'Use',
  get: 'Get',
  tryAnyway: 'Try anyway',
  again: 'Get again',
  resume: 'Resume',
  pause: 'Pause',
  cancel: 'Cancel',
  remove: 'Remove',
  moreName: (name: string) => `More for ${name}`,
  more: 'More',
  why: 'Why?',
  whyName: (name: string) => `Why ${name} fits or not`,
  whyTitle: (name: string) => `What ${name} needs`,
  whyRows: {
    chat: 'To chat',
    train: 'To train',
    frugal: 'To train on the compressed weights alone (slowly)',
    available: 'There is',
    file: 'The file itself',
  },
  whyNote:
    'Weights, the memory of the conversation, and what training adds: gradients and working space for one lesson.',
  fileGone: (file: string) => `Its file is gone: ${file}. Put it back, or get it again.`,
  downloading: (name: string) => `Getting ${name}`,
  progress: (done: number, total: number | null) =>
    total === null ? bytes(done) : `${bytes(done)} of ${bytes(total)}`,
  left: (seconds: number) => `about ${duration(seconds)} left`,
  paused: (done: number | null, total: number | null) =>
    done === null || total === null
      ? 'Paused. What is here stays until you remove it.'
      : `Paused at ${bytes(done)} of ${bytes(total)}. What is here stays until you remove it.`,
  lost: (done: number | null, total: number | null) =>
    done === null || total === null
      ? 'The connection was lost. It continues from there when you are online.'
      : `The connection was lost at ${bytes(done)} of ${bytes(total)}. It continues from there when you are online.`,
  corrupt:
    'The file does not match its published checksum and will not be used. Get it again or choose another source.',
  removed: (name: string) => `${name} is removed from the list. Its file stays.`,
  removedWithFile: (name: string) => `${name} and its file are removed.`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeWords: (file: string) => `The file: ${file}`,
  removeFile: 'Delete the file too',
  useTitle: (name: string) => `Use ${name}?`,
  useWords: (learned: number, before: string, after: string) =>
    learned === 0
      ? `${after} answers in chat from now on. Your facts ride in the prompt until it is trained.`
      : `${count(learned, 'fact')} ${plural(learned, 'is', 'are')} learned by ${before} only. ${after} starts from the prompt; a training teaches it again. You can come back to ${before} at any time.`,
  used: (name: string) => `${name} answers in chat now.`,
  contextLength: (tokens: number) => `reads ${number(tokens)} tokens`,
  licence: 'Licence',
  source: 'Get from an address',
  unknownLicence: 'licence unknown',
  approximately: (size: string) => `about ${size}`,
} as const;
