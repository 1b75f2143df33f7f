/** Every sentence of the page, by screen. Words: plain, exact, calm; sentence case; digits. */
import { chat } from './en/chat.ts';
import { common } from './en/common.ts';
import { facts } from './en/facts.ts';
import { inbox } from './en/inbox.ts';
import { lessons } from './en/lessons.ts';
import { palette } from './en/palette.ts';
import { shell } from './en/shell.ts';
import { strip } from './en/strip.ts';
import { models } from './en/models.ts';
import { report } from './en/report.ts';
import { settings } from './en/settings.ts';
import { train } from './en/train.ts';
import { versions } from './en/versions.ts';
import { welcome } from './en/welcome.ts';

export const text = {
  common,
  shell,
  strip,
  facts,
  inbox,
  lessons,
  palette,
  welcome,
  chat,
  train,
  report,
  versions,
  models,
  settings,
} as const;
