/**
 * What only the window can do, beside the methods of the app. A page in a browser has none of it: it asks for paths as
 * text, and for files through the browser.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { nothing } from './methods/parts.ts';

/** A path that was chosen; null where the dialog was closed. */
const chosen = z.object({ path: z.string().nullable() });

export const fileKind = z.enum(['model', 'facts', 'text', 'questions', 'adapter', 'any']);
export type FileKind = z.infer<typeof fileKind>;

export const hostMethods = {
  host: {
    chooseFile: oc.input(z.object({ kind: fileKind.default('any') })).output(chosen),
    chooseFolder: oc.input(nothing).output(chosen),
    /** Where a file is to be written; `name` is only proposed. */
    chooseSave: oc.input(z.object({ name: z.string().max(200).default('') })).output(chosen),
    openDataFolder: oc.input(nothing).output(nothing),
    /** The page itself is not allowed to touch the clipboard. */
    copyText: oc.input(z.object({ text: z.string().max(1_000_000) })).output(nothing),
  },
};
export type HostMethods = typeof hostMethods;
