import { oc } from '@orpc/contract';
import { z } from 'zod';
import { catalogueEntry, fitReport, hubModel } from '../entities/catalogue.ts';
import { baseModel } from '../entities/model.ts';
import { jobStarted, nothing } from './parts.ts';

/** What a download is asked to get. */
export const downloadRequest = z.object({
  source: z.string().min(1).max(2000),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/u, 'a SHA-256 has 64 hexadecimal digits')
    .optional(),
  mirrors: z.array(z.string()).max(20).optional(),
});
export type DownloadRequest = z.infer<typeof downloadRequest>;

/** Base models: those that are there, and how others are found and got. */
export const models = {
  /** `fit` is null where the file is missing or its header cannot be read. */
  list: oc.input(nothing).output(
    z.object({
      models: z.array(baseModel.extend({ isFileThere: z.boolean(), fit: fitReport.nullable() })),
      /** What is used where no base is named; without an id while it was not used yet, null where there is none. */
      inUse: z.object({ id: z.string().nullable(), file: z.string() }).nullable(),
    }),
  ),
  /** The file stays where it is, or its copy or link is put into the app's own folder. */
  add: oc
    .input(z.object({ file: z.string(), place: z.enum(['stay', 'copy', 'link']).default('stay') }))
    .output(z.object({ id: z.string(), added: z.boolean(), model: baseModel })),
  /** The catalogue; only with `hub` is a connection opened. */
  search: oc
    .input(
      z.object({
        query: z.string().max(200).default(''),
        hub: z.boolean().default(false),
        limit: z.number().int().min(1).max(20).default(5),
      }),
    )
    .output(
      z.object({
        catalogue: z.array(catalogueEntry.extend({ fit: fitReport })),
        hub: z.array(hubModel).nullable(),
      }),
    ),
  /** An id of the catalogue, hf:owner/repository/file or an address. Its job's result is a download report. */
  get: oc.input(downloadRequest).output(jobStarted),
  /** Refused while adapters of the profile were trained on it. */
  remove: oc
    .input(z.object({ id: z.string(), deleteFile: z.boolean().default(false) }))
    .output(z.object({ id: z.string(), file: z.string(), fileDeleted: z.boolean() })),
};
