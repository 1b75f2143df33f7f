import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { appEvent } from '../events.ts';
import { knowledgeSummary } from '../entities/knowledge.ts';
import { connection, machineReport, settings } from '../entities/settings.ts';
import { nothing } from './parts.ts';

/** The app as a whole. */
export const settingsMethods = {
  get: oc.input(nothing).output(settings),
  /** Only what is given changes. */
  set: oc.input(settings.partial()).output(settings),
};

export const machine = {
  get: oc.input(nothing).output(machineReport),
  /** Every connection ever made, newest first. */
  connections: oc.input(nothing).output(z.object({ connections: z.array(connection) })),
};

export const knowledge = {
  summary: oc.input(nothing).output(knowledgeSummary),
};

export const events = {
  /** Everything that happens from now on; begins with `hello`. */
  watch: oc.input(nothing).output(eventIterator(appEvent)),
};
