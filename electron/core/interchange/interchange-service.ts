/** What goes to other programs and comes from them, put together for the app. */
import type { Database } from 'better-sqlite3';
import type { ExportRecord } from '../../contract/entities/interchange.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { AdapterService } from '../adapters/adapter-service.ts';
import type { Clock, Paths, Trainer } from '../dependencies.ts';
import { createExportLog } from './export-log.ts';
import { createExportService } from './export-service.ts';
import { createImportService } from './import-service.ts';
import { createMergeService, type MergeServiceInput } from './merge-service.ts';

export type InterchangeInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly paths: Pick<Paths, 'data' | 'adapters'>;
  readonly trainer: Pick<Trainer, 'checkAdapter' | 'merge' | 'inspect'>;
  readonly systemText: string;
  readonly adapters: AdapterService;
  readonly models: {
    readonly list: () => readonly BaseModel[];
    readonly get: (id: string) => BaseModel;
    readonly assertUnchanged: (model: BaseModel) => Promise<BaseModel>;
    /** An id, a file, or the default model of set-up. */
    readonly resolve: (idOrFile: string | undefined) => Promise<BaseModel>;
  };
  readonly compareRecall: MergeServiceInput['compareRecall'];
};

/** An adapter that was deleted, and the files that the deletion did not reach. */
export type DeletedAdapter = {
  readonly adapter: Adapter;
  readonly exports: readonly ExportRecord[];
};

export type InterchangeService = ReturnType<typeof createInterchangeService>;

/** Use cases of interchange. */
export function createInterchangeService(input: InterchangeInput) {
  const { adapters, models, clock, newId, db, trainer, paths, systemText } = input;
  const log = createExportLog({ db, clock, newId });
  const resolveBase = (adapter: Adapter): Promise<BaseModel> =>
    models.assertUnchanged(models.get(adapter.baseModelId));
  const shared = { log, clock, dataFolder: paths.data, resolveBase, listBases: () => models.list() };
  const exporting = createExportService({ ...shared, systemText, findAdapter: (id) => adapters.get(id) });
  const merging = createMergeService({
    ...shared,
    trainer,
    findAdapter: (id) => (id === undefined ? (adapters.active() ?? adapters.newest()) : adapters.get(id)),
    compareRecall: input.compareRecall,
  });
  const importing = createImportService({
    paths,
    clock,
    newId,
    trainer,
    listAdapters: () => adapters.list(),
    insertAdapter: (adapter) => adapters.insertCandidate(adapter),
    resolveBase: (idOrFile) => models.resolve(idOrFile),
    listBases: async () => {
      const known = models.list();
      return known.length > 0 ? known : [await models.resolve(undefined)];
    },
  });

  return {
    export: exporting.export,
    import: importing.import,
    merge: merging.merge,
    listExports: () => log.list(),

    /** What a forgotten fact lives on in: files outside the app, and adapters of which nobody knows what they learnt. */
    beyondReach: (
      factIds: readonly string[],
    ): { readonly exports: readonly ExportRecord[]; readonly unknownAdapters: readonly string[] } => ({
      exports: log.listHolding(factIds),
      unknownAdapters: adapters
        .list()
        .filter((adapter) => adapter.imported)
        .map((adapter) => adapter.id),
    }),

    /** Deletes an adapter that does not answer now, with everything that was measured of it. */
    delete: async (id: string): Promise<DeletedAdapter> => {
      const adapter = adapters.get(id);
      if (adapters.active()?.id === adapter.id) {
        throw new AppError('conflict', `Adapter ${adapter.id} answers now. It was not deleted.`, {
          hint: 'Let another one answer first: keepsake adapters rollback',
        });
      }
      const exports = log.listOf(adapter.id);
      await adapters.discard(adapter.id);
      // Answers that it gave hold personal facts.
      db.prepare('DELETE FROM evaluations WHERE adapter_id = ?').run(adapter.id);
      return { adapter, exports };
    },

    /** Called once by the process that may write: what a killed export or import left is cleared up. */
    recover: (): void => {
      log.recover();
      importing.recover();
    },
  };
}
