import { join } from 'node:path';
import { fitReportOf } from '../models/fit-report.ts';
import { addPlaced, assertNoAdapters, describeModel } from '../models/own-files.ts';
import type { HandlerInput } from './implementer.ts';
import { startDownload } from './start-download.ts';

/** Handlers of `models` and `devices`. */
export function createModelHandlers({ os, services, dependencies }: HandlerInput) {
  const { adapters, models } = services;

  return {
    models: {
      list: os.models.list.handler(() => ({
        models: models.list().map((model) => describeModel(model, dependencies.machine)),
        inUse: models.inUse(),
      })),
      add: os.models.add.handler(async ({ input: { file, place }, signal }) => {
        const folder = join(dependencies.paths.models, 'own');
        const { freeDiskBytes } = dependencies.machine;
        const { model, added } =
          place === 'stay'
            ? await models.add(file, { signal })
            : await addPlaced({ models, folder, freeDiskBytes }, { file, how: place }, { signal });
        return { id: model.id, added, model };
      }),
      search: os.models.search.handler(async ({ input, signal }) => {
        const found = await services.downloads.search(input, {
          signal: signal ?? new AbortController().signal,
        });
        return {
          ...found,
          catalogue: found.catalogue.map((entry) => ({
            ...entry,
            fit: fitReportOf(entry.shape, entry, dependencies.machine),
          })),
        };
      }),
      get: os.models.get.handler(({ input }) => startDownload(services, input)),
      remove: os.models.remove.handler(({ input: { id, deleteFile } }) => {
        assertNoAdapters(models.get(id), adapters.list());
        const { model, fileDeleted } = models.remove(id, { deleteFile });
        return { id: model.id, file: model.file, fileDeleted };
      }),
    },
    devices: {
      list: os.devices.list.handler(async ({ signal }) => ({
        devices: [...(await dependencies.trainer.devices(signal === undefined ? {} : { signal }))],
      })),
    },
  };
}
