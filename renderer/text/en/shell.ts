/** The frame of every screen. */
import { count } from '../format.ts';

export const shell = {
  skip: 'Skip to the content',
  navigation: 'Places',
  content: 'Content',
  pane: 'Details',
  strip: 'What the model knows',
  places: {
    chat: 'Chat',
    facts: 'Facts',
    inbox: 'Inbox',
    lessons: 'Lessons',
    train: 'Train',
    report: 'Report',
    versions: 'Versions',
    models: 'Models',
    settings: 'Settings',
  },
  profile: (name: string) => `Profile ${name}`,
  manageProfiles: 'Manage profiles',
  switchNote: 'The other profile opens at the next start.',
  help: 'Help and keys',
  openPalette: 'Search or go to',
  closePane: 'Close details',
  title: (place: string) => `${place} - Keepsake`,
  lost: 'The connection to Keepsake was lost. What you see may be old; it reconnects by itself.',
  notFound: 'There is no such place here.',
  goToFacts: 'Go to facts',
  crashed: 'This screen stopped working. Your facts are safe. Open it again, or go to another place.',
  openAgain: 'Open again',
  proposals: (waiting: number) => `${count(waiting, 'proposal')} wait`,
} as const;
