/** Proposals that wait for their owner's word. */
import { count, number, plural, shortDay } from '../format.ts';

export const inbox = {
  title: 'Inbox',
  list: 'Proposals',
  found: (open: number, sources: number) =>
    sources > 0 ? `${count(open, 'proposal')}, ${count(sources, 'source')}` : count(open, 'proposal'),
  importAct: 'Import',
  accept: 'Accept',
  edit: 'Edit',
  merge: 'Merge',
  reject: 'Reject',
  undo: 'Undo',
  pane: 'Proposal',
  youWrote: (source: string, at: number) => `You wrote in ${source}, ${shortDay(at)}`,
  noQuote: 'Nobody wrote this word for word: the model proposed it. Edit it before you accept it.',
  foundByModel: 'Proposed by the model',
  becomes: 'Becomes',
  effects: {
    new: 'new',
    same: 'known',
    changes: (statement: string) => `changes: ${statement}`,
    conflicts: (statement: string) => `conflicts: ${statement}`,
    alike: (statement: string) => `known: ${statement}`,
  },
  touches: 'It touches',
  rowName: (statement: string, effect: string) => `${statement} ${effect}`,
  subject: 'About',
  attribute: 'What',
  value: 'Value',
  from: 'True from',
  saveAccept: 'Save and accept',
  mergeTitle: 'Merge with the fact that is there',
  mergeOld: 'There now',
  mergeNew: 'Proposed',
  mergeValue: 'Becomes',
  mergeChanged: 'It changed',
  mergeTypo: 'It was a typo',
  accepted: (statement: string) => `Accepted: ${statement}`,
  merged: (statement: string) => `Merged: ${statement}`,
  rejected: (proposals: number) =>
    `${count(proposals, 'proposal')} rejected. ${plural(proposals, 'It', 'They')} will not come back from the same source.`,
  left: (open: number) => (open === 0 ? 'Nothing is left to review.' : `${number(open)} left.`),
  undone: 'Taken back.',
  acceptSelected: (proposals: number) => `Accept ${number(proposals)}`,
  rejectSelected: (proposals: number) => `Reject ${number(proposals)}`,
  acceptedMany: (proposals: number, skipped: number) =>
    skipped === 0
      ? `${count(proposals, 'proposal')} accepted.`
      : `${count(proposals, 'proposal')} accepted; ${number(skipped)} ${plural(skipped, 'waits', 'wait')}: without your words, or against what is known.`,
  emptyTitle: 'Nothing to review.',
  emptyWords:
    'What you ask the model to remember, and imports, wait here. They are not used until you accept them.',
  gone: 'That proposal is settled, or it no longer exists.',
  keys: 'A accept, E edit, M merge, X reject, U undo',

  importTitle: 'Import text or files',
  importWords:
    'Only sentences you say about yourself are taken. Each becomes a proposal with its own words beside it; nothing is used until you accept it.',
  importText: 'Text',
  importTextExample: 'I live in Porto. My cat is called Luna. I have been a vegetarian since 2019.',
  importFiles: 'Choose files',
  importFilesNote: 'Text files are read for facts; .csv and .json files of facts are taken as they are.',
  importRead: 'Read',
  importPasted: 'pasted text',
  importing: (file: number, files: number) => `Reading file ${number(file)} of ${number(files)}`,
  importFound: (found: number) => `${number(found)} found`,
  importDone: (found: number, sentences: number) =>
    `${count(found, 'proposal')} from ${count(sentences, 'sentence')}.`,
  importNothingNew: 'Nothing new: what it says waits here already, or was settled before.',
  importUnread: (sentences: number) => `${count(sentences, 'sentence')} held no fact that could be read`,
  importMore: (sentences: number) => `and ${number(sentences)} more`,
  importFacts: (added: number, replaced: number, conflicts: number) =>
    `${count(added, 'fact')} added${replaced === 0 ? '' : `; ${count(replaced, 'earlier value')} kept as past`}${conflicts === 0 ? '' : `; ${count(conflicts, 'conflict')} to settle`}.`,
  importNone: (name: string) =>
    `No facts were found in ${name}. Only sentences you say about yourself are taken.`,
  importTooLong: (name: string, limit: string) =>
    `${name} is longer than ${limit}. Split it, then import the parts.`,
  importNoText: (name: string) => `${name} is not a text file. Save it as text, then import it.`,
  importResults: 'What was read',
} as const;
