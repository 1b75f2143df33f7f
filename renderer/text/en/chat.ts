/** Chat: conversations, answers and what they rest on. */
import { count, list, number, plural } from '../format.ts';

export const chat = {
  newChat: 'New chat',
  search: 'Search conversations',
  conversations: 'Conversations',
  groups: { today: 'Today', yesterday: 'Yesterday', week: 'The last 7 days', older: 'Older' },
  noneFound: (search: string) => `No conversation has "${search}".`,
  noneYet: 'Conversations are kept here, on this computer only.',
  more: (left: number) => `Show more (${number(left)})`,
  open: (title: string) => `Open ${title}`,
  menu: (title: string) => `More for ${title}`,
  rename: 'Rename',
  renameTitle: 'Rename the conversation',
  titleField: 'Title',
  remove: 'Delete',
  removeTitle: (title: string) => `Delete "${title}"?`,
  removeWords: (messages: number) =>
    `Its ${count(messages, 'message')} ${plural(messages, 'is', 'are')} overwritten. This cannot be undone.`,
  removed: 'The conversation is deleted.',
  renamed: 'The conversation has a new title.',
  gone: 'That conversation no longer exists.',
  reading: 'the conversation',
  readingList: 'conversations',

  answerWith: 'Answer with',
  versionInUse: (version: number) => `Version ${number(version)}, in use`,
  version: (version: number) => `Version ${number(version)}`,
  plainModel: 'Plain model',
  plainNote: 'no version',
  noVersion: 'Plain model, facts in the prompt',
  compare: 'Compare',
  temporary: 'Temporary',
  temporaryBanner: 'Temporary chat. It is written nowhere, and nothing in it is proposed.',
  leaveTemporary: 'End it',

  field: 'Message',
  placeholder: 'Ask something',
  placeholderEdit: 'Change the message, then send it again',
  send: 'Send',
  stop: 'Stop',
  tooLong: (length: number, longest: number) =>
    `The message has ${number(length)} characters; the longest allowed is ${number(longest)}. Give longer texts to the Inbox.`,
  editing: 'You change an earlier message; what came after it is replaced.',
  cancelEdit: 'Keep it as it was',

  you: 'You',
  model: 'The model',
  base: 'Plain model',
  versionAnswers: (version: number | null) => (version === null ? 'Tuned' : `Version ${number(version)}`),
  passedOn: (who: string) => `${who} passed it on`,
  writing: 'The answer is being written',
  waiting: 'Reading the message',
  stopped: 'Stopped',
  emptyAnswer: 'The model gave an empty answer.',
  unanswered: 'This message has no answer.',
  askAgain: 'Ask again',
  messageKept: 'Your message is kept.',

  learned: (names: readonly string[]) =>
    names.length === 0 ? 'Learned' : `Learned, matches: ${list(names)}`,
  checked: (names: readonly string[]) =>
    names.length === 0 ? 'Learned, checked' : `Learned: ${list(names)}, checked`,
  fromPrompt: (names: readonly string[]) =>
    names.length === 0 ? 'From prompt' : `From prompt: ${list(names)}`,
  guess: 'Not from your facts (a guess)',
  notTold: 'You have not told it',
  general: 'General model',
  saved: (tokens: number) => `${count(tokens, 'token')} saved`,
  savedMeaning: 'The prompt with all your facts in it would be that much longer.',
  factOf: (subject: string, attribute: string) =>
    subject === 'me' ? attribute : `${subject}'s ${attribute}`,
  goneFact: 'a fact that is gone',

  explain: 'Explain',
  explaining: 'Asking again without the fact and without the version',
  withoutFact: 'With the fact hidden from the prompt',
  withoutAdapter: 'By the plain model, without the version',
  verdicts: {
    checked: 'Checked: it says so with the fact hidden, and the plain model does not.',
    'from-prompt': 'It reads this from the prompt; with the fact hidden the answer is another.',
    guess: 'A guess: no fact of yours says this.',
    general: 'General knowledge: the plain model says the same.',
    unasked: 'Nothing was asked again: the facts it rests on are gone.',
  },
  wrong: 'Wrong?',
  toldWrong: 'Marked weak: chat reads it from the prompt now, and the next training teaches it more.',
  wrongNone: 'No fact fits this answer. Tell the right one on the Facts screen.',
  remember: 'Remember',
  remembered: (proposals: number) => `${count(proposals, 'proposal')} put into the Inbox.`,
  nothingToRemember: 'No fact was found in it. Only sentences that you say about yourself are taken.',
  proposed: (proposals: number) =>
    `You told ${plural(proposals, 'a fact', `${number(proposals)} facts`)} about yourself. ${plural(proposals, 'It waits', 'They wait')} in the Inbox and ${plural(proposals, 'is', 'are')} not used before you accept.`,
  openInbox: 'Open the Inbox',
  copy: 'Copy',
  copied: 'Copied.',
  edit: 'Edit',

  toNewest: 'Jump to newest',
  earlier: (left: number) => `Show earlier messages (${number(left)})`,
  forgotten: (messages: number) =>
    messages === 1
      ? 'The oldest message is no longer read.'
      : `The oldest ${number(messages)} messages are no longer read.`,

  slower: 'A training runs. Chat goes on beside it and answers more slowly.',
  learning: (step: number | null) =>
    `The model is learning. Pause to chat now; it goes on${step === null ? ' later' : ` from step ${number(step)}`}.`,
  pauseAndChat: 'Pause and chat',
  pausing: 'Pausing after this step',

  linkTitle: 'Open this address?',
  linkWords: 'It opens outside Keepsake and is the only thing here that leaves this computer.',
  openLink: 'Open',
  image: (words: string) => (words === '' ? '[image]' : `[image: ${words}]`),

  emptyTitle: 'Ask what it knows',
  emptyWords: 'Answers say what they rest on: learned, from the prompt, or a guess.',
  emptySuggestions: 'Try one of these',
  noModelTitle: 'Chat needs a base model',
  noModelWords: 'A base model is one file on this computer. What it learns about you is kept beside it.',
  chooseModel: 'Choose a model',
  noFacts: 'It knows nothing about you yet. Chat works; it answers like any other model.',
} as const;
