/** Versions: what the model learned, each time. */
import { number, plural } from '../format.ts';

export const versions = {
  reading: 'versions',
  version: (version: number) => `Version ${number(version)}`,
  states: { inUse: 'in use', approved: 'approved', rejected: 'not approved', candidate: 'not judged' },
  yourChoice: 'your choice',
  pinned: 'pinned',
  imported: 'imported',
  fileGone: 'its file is gone',
  learned: (learned: number, taught: number) => `learned ${number(learned)} of ${number(taught)}`,
  general: (part: { readonly right: number; readonly n: number }) =>
    `general ${number(part.right)} of ${number(part.n)}`,
  use: 'Use this',
  useAnyway: 'Use anyway',
  rollback: 'Roll back',
  export: 'Export',
  exportName: (version: number) => `Export version ${number(version)}`,
  more: 'More',
  moreName: (version: number) => `More for version ${number(version)}`,
  openReport: 'Report',
  openRun: 'Its training',
  pin: 'Pin',
  unpin: 'Unpin',
  delete: 'Delete',
  judge: 'Test it',
  judging: 'The test has begun.',
  deleteTitle: (version: number) => `Delete version ${number(version)}?`,
  deleteWords: (size: string) =>
    `Its file (${size}) is overwritten and removed. Your facts stay. This cannot be undone.`,
  deleteExports: 'Files that were exported from it stay where they are.',
  deleted: (version: number) => `Version ${number(version)} is deleted.`,
  deletedWithExports: (version: number, paths: readonly string[]) =>
    `Version ${number(version)} is deleted. Exported files stay: ${paths.join(', ')}.`,
  cannotDeleteActive: 'in use',
  used: (version: number, lacks: number) =>
    lacks === 0
      ? `Version ${number(version)} answers in chat now.`
      : `Version ${number(version)} answers in chat now. ${lackWords(version, lacks)}`,
  noneUsed: 'No version is in use now. The plain model answers, with your facts in the prompt.',
  lacks: lackWords,
  knowsForgotten: 'It learned something that you forgot later. It can be deleted with it.',
  pinnedDone: (version: number) => `Version ${number(version)} is pinned.`,
  unpinnedDone: (version: number) => `Version ${number(version)} is no longer pinned.`,
  importedWords: (name: string) =>
    `Imported from ${name}. Nobody knows what it learned; no fact counts as learned.`,

  details: 'Version',
  made: 'Made',
  base: 'Model',
  size: 'Size',
  nameField: 'Name',
  noteField: 'Note',
  namePlaceholder: 'Such as: before the move',
  saved: 'Saved.',
  gone: 'That version no longer exists.',

  exportTitle: (version: number) => `Export version ${number(version)}`,
  exportWarning: 'What is written holds your personal facts: whoever has it can ask it about you.',
  format: 'What for',
  formats: {
    gguf: 'Adapter, GGUF',
    peft: 'Adapter, PEFT',
    ollama: 'Ollama',
    'merged-f16': 'Merged model, 16 bit',
    'merged-q8_0': 'Merged model, 8 bit',
  },
  formatNotes: {
    gguf: 'For llama.cpp and programs built on it: loaded beside the same base model.',
    peft: 'For Python: safetensors with its configuration.',
    ollama: 'A folder with a Modelfile.',
    'merged-f16': 'One file with the model and what it learned. The largest.',
    'merged-q8_0': 'One file, half as large. It is tested after it is written.',
  },
  place: 'Where to',
  placeNote: 'A path on this computer: a new file, or a new folder for PEFT and Ollama.',
  choosePlace: 'Choose the place',
  replace: 'Replace what is there',
  write: 'Write it',
  exporting: 'The export has begun.',
  progress: 'Export',
  recallOf: (right: number, n: number, before: number) =>
    `Tested: the merged file answers ${number(right)} of ${number(n)}, the version ${number(before)}.`,
  exports: 'Files that left the app',
  exportGone: 'no longer there',

  emptyTitle: 'The first training makes version 1',
  emptyWords:
    'A version is a small file beside the base model. You can go back to an earlier one at any time.',
  emptyAction: 'To the training',
  unknownSize: 'size unknown',
} as const;

function lackWords(version: number, lacks: number): string {
  return `Version ${number(version)} lacks ${number(lacks)} newer ${plural(lacks, 'fact', 'facts')}; ${plural(lacks, 'it rides', 'they ride')} in the prompt.`;
}
