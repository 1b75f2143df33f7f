/** The command palette and the page of keys. */
export const palette = {
  title: 'Search or go to',
  field: 'Go to a place, do something, or find a fact',
  results: 'What fits',
  nothing: 'Nothing fits.',
  goTo: (place: string) => `Go to ${place}`,
  groups: { go: 'Go to', act: 'Do', facts: 'Facts' },
  acts: {
    newFact: 'New fact',
    conflicts: 'Settle conflicts',
    import: 'Import text or a file',
    undo: 'Undo the last act',
    help: 'Show all keys',
    light: 'Use the light theme',
    dark: 'Use the dark theme',
    system: 'Follow the theme of the system',
    welcome: 'Open the first steps',
    temporary: 'Begin a temporary chat',
  },
  helpTitle: 'Keys',
  keyGroups: [
    {
      title: 'Everywhere',
      keys: [
        ['Ctrl K', 'Search, go to a place, find a fact'],
        ['Ctrl F or /', 'Search on this screen'],
        ['Ctrl Enter', 'The primary action of the screen'],
        ['Ctrl Z', 'Undo, 50 acts deep'],
        ['F6', 'The next part of the page'],
        ['Esc', 'Close what is on top'],
        ['?', 'This page'],
      ],
    },
    {
      title: 'Go to',
      keys: [
        ['G then C', 'Chat'],
        ['G then F', 'Facts'],
        ['G then I', 'Inbox'],
        ['G then L', 'Lessons'],
        ['G then T', 'Train'],
        ['G then R', 'Report'],
        ['G then V', 'Versions'],
        ['G then M', 'Models'],
        ['G then S', 'Settings'],
      ],
    },
    {
      title: 'Lists',
      keys: [
        ['Arrows', 'Move'],
        ['Home, End', 'First and last row'],
        ['Space', 'Select'],
        ['Shift and arrows', 'Select a range'],
        ['Enter', 'Open'],
      ],
    },
    {
      title: 'Facts',
      keys: [
        ['N', 'New fact'],
        ['E', 'Edit the value'],
        ['R or Delete', 'It ended; Undo brings it back'],
        ['P', 'Never train, or train again'],
        ['1 2 3 4', 'Conflict: left, right, different times, both true'],
      ],
    },
    {
      title: 'Inbox',
      keys: [
        ['A', 'Accept'],
        ['E', 'Edit'],
        ['M', 'Merge'],
        ['X or Delete', 'Reject'],
        ['U', 'Undo'],
      ],
    },
    {
      title: 'Lessons',
      keys: [
        ['V', 'Veto, or teach again'],
        ['E or F', 'Go to the fact, to edit it'],
      ],
    },
  ],
} as const;
