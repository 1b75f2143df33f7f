/** Every sentence of the page, by screen. Words: plain, exact, calm; sentence case; digits. */
import { common } from './en/common.ts';
import { facts } from './en/facts.ts';
import { inbox } from './en/inbox.ts';
import { lessons } from './en/lessons.ts';
import { palette } from './en/palette.ts';
import { shell } from './en/shell.ts';
import { strip } from './en/strip.ts';
import { welcome } from './en/welcome.ts';

export const text = { common, shell, strip, facts, inbox, lessons, palette, welcome } as const;
