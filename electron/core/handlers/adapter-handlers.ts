import type { HandlerInput } from './implementer.ts';

/** Handlers of `adapters`. */
export function createAdapterHandlers({ os, services }: HandlerInput) {
  const { adapters, jobs } = services;

  return {
    list: os.adapters.list.handler(() => ({
      activeAdapterId: adapters.active()?.id ?? null,
      adapters: services.versions(),
    })),
    activate: os.adapters.activate.handler(async ({ input: { id, override } }) => {
      const adapter = await adapters.activate(id, { override });
      // Whoever asks for a version asks for its base.
      if (services.settings.get().baseModelId !== null) {
        services.settings.set({ baseModelId: adapter.baseModelId });
      }
      return { activeAdapterId: adapter.id, adapter };
    }),
    export: os.adapters.export.handler(({ input }) => {
      const { id, format } = input;
      const job = jobs.start({
        kind: 'export',
        lane: 'disk',
        params: { id, format },
        run: ({ signal }) => services.interchange.export(input, { signal }),
      });
      return { jobId: job.id };
    }),
    import: os.adapters.import.handler(async ({ input, signal }) => {
      const result = await services.interchange.import(input, signal === undefined ? {} : { signal });
      return { id: result.adapter.id, ...result, notes: [...result.notes] };
    }),
    delete: os.adapters.delete.handler(async ({ input }) => {
      const { adapter, exports } = await services.interchange.delete(input.id);
      return { deleted: adapter.id, exports: [...exports] };
    }),
    judge: os.adapters.judge.handler(({ input: { id } }) => {
      const job = jobs.start({
        kind: 'evaluate',
        lane: 'compute',
        params: { adapter: id },
        run: (context) => services.judgeAdapter(id, context),
      });
      return { jobId: job.id };
    }),
    exports: os.adapters.exports.handler(() => ({ exports: services.interchange.listExports() })),
    merge: os.adapters.merge.handler(({ input }) => {
      const job = jobs.start({
        kind: 'merge',
        lane: 'compute',
        params: { adapter: input.adapter, type: input.type },
        run: ({ signal, report }) => services.interchange.merge(input, { signal, report }),
      });
      return { jobId: job.id };
    }),
    rollback: os.adapters.rollback.handler(async () => {
      const { active, previous, message } = await adapters.rollback();
      return { activeAdapterId: active?.id ?? null, previousAdapterId: previous?.id ?? null, message };
    }),
    describe: os.adapters.describe.handler(({ input: { id, ...change } }) => ({
      adapter: services.version(adapters.describe(id, change)),
    })),
  };
}
