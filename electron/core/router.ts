/** One handler for each method of the contract: unpack, call a use case, pack. No rules live here. */
import { join } from 'node:path';
import { implement } from '@orpc/server';
import type { Job } from '../contract/entities/job.ts';
import type { FactWithState } from '../contract/entities/ledger.ts';
import { AppError } from '../contract/errors.ts';
import { methods, trainingRequest, type TrainingRequest } from '../contract/methods.ts';
import { eraseFreePages } from './db/open-database.ts';
import type { Dependencies } from './dependencies.ts';
import { fitReportOf } from './models/fit-report.ts';
import { addPlaced, assertNoAdapters, describeModel } from './models/own-files.ts';
import {
  forgetFact,
  forgetFacts,
  isRebuildNeeded,
  unlearnNeverTrained,
  type ForgetResult,
} from './retrain/forget.ts';
import { stepFacts } from './retrain/step-facts.ts';
import { describeStopped } from './retrain/stopped-runs.ts';
import type { Services } from './services.ts';

/** The contract to be implemented, with every error of a handler named. */
function createImplementer(nameErrors: (error: unknown) => never, backUpIfDue: () => void) {
  return implement(methods).use(async ({ next }) => {
    try {
      backUpIfDue();
      return await next();
    } catch (error) {
      return nameErrors(error);
    }
  });
}

/** The router of every method. */
export function createRouter(
  services: Services,
  dependencies: Dependencies,
  nameErrors: (error: unknown) => never,
) {
  const os = createImplementer(nameErrors, dependencies.backUpIfDue ?? (() => undefined));
  const { adapters, datasets, facts, jobs, models, profiles } = services;

  const forgetInput = {
    db: services.databases.profile,
    facts,
    adapters,
    adaptersFolder: dependencies.paths.adapters,
    destroyBackups: () => services.backups.profile.destroy(),
  };

  function listWithStates(): FactWithState[] {
    return facts.listWithStates().map(({ fact, state }) => ({ ...fact, state }));
  }

  function startGeneralAnswers(request: Pick<TrainingRequest, 'base' | 'recipe' | 'seed'>): Job {
    return jobs.start({
      kind: 'general-answers',
      lane: 'compute',
      params: request,
      run: async (context) => {
        const base = await models.resolve(request.base, { signal: context.signal });
        return services.generalAnswers.complete(base, datasets.generalPrompts(request), context);
      },
    });
  }

  return os.router({
    profiles: {
      list: os.profiles.list.handler(() => ({ profiles: profiles.list() })),
      add: os.profiles.add.handler(({ input }) => ({ profile: profiles.add(input.name) })),
      rename: os.profiles.rename.handler(({ input }) => ({
        profile: profiles.rename(input.id, input.name),
      })),
      use: os.profiles.use.handler(({ input }) => ({ profile: profiles.use(input.id) })),
      remove: os.profiles.remove.handler(({ input }) =>
        profiles.remove(input.id, dependencies.paths.profileId),
      ),
    },
    backups: {
      list: os.backups.list.handler(() => ({
        backups: [...services.backups.profile.list(), ...services.backups.app.list()],
      })),
    },
    facts: {
      list: os.facts.list.handler(({ input }) => {
        if (Object.values(input).every((field) => field === undefined)) return { facts: listWithStates() };
        const page = facts.listPage(input);
        return { ...page, facts: page.facts.map(({ fact, state }) => ({ ...fact, state })) };
      }),
      add: os.facts.add.handler(async ({ input }) => {
        const result = facts.add(input);
        const id = result.ids[0] ?? '';
        return { ...result, id, fact: facts.get(id), ...(await unlearn()) };
      }),
      import: os.facts.import.handler(async ({ input }) => ({
        ...facts.importFile(input.file),
        ...(await unlearn()),
      })),
      edit: os.facts.edit.handler(async ({ input: { id, ...change } }) => {
        const { fact, superseded } = facts.edit(id, change);
        return { id: fact.id, fact, superseded, ...(await unlearn()) };
      }),
      remove: os.facts.remove.handler(async ({ input: { id, allVersions } }) => {
        const forgotten = await forgetFact(forgetInput, id, { allVersions });
        return {
          ...describeForgotten(forgotten),
          activeAdapterId: forgotten.active?.id ?? null,
          otherVersions: [...forgotten.removal.otherVersions],
          ...beyondReach(forgotten.removal.factIds),
        };
      }),
      setMany: os.facts.setMany.handler(async ({ input: { where, set, dryRun } }) => {
        if (dryRun) return { matched: facts.selectStored(where).length, changed: 0 };
        return { ...facts.setMany(where, set), ...(await unlearn()) };
      }),
      removeMany: os.facts.removeMany.handler(async ({ input: { where, dryRun } }) => {
        const ids = facts.selectStored(where);
        const forgotten = dryRun || ids.length === 0 ? null : await forgetFacts(forgetInput, ids);
        return {
          ...describeForgotten(forgotten),
          ...(forgotten === null
            ? { exports: [], unknownAdapters: [] }
            : beyondReach(forgotten.removal.factIds)),
          matched: ids.length,
        };
      }),
      undo: os.facts.undo.handler(({ input }) => stepFacts(forgetInput, 'undo', input)),
      redo: os.facts.redo.handler(({ input }) => stepFacts(forgetInput, 'redo', input)),
      history: os.facts.history.handler(() => ({ changes: facts.history.list() })),
      clearHistory: os.facts.clearHistory.handler(() => {
        const cleared = facts.history.clear();
        if (cleared > 0) eraseFreePages(services.databases.profile);
        return { cleared };
      }),
      export: os.facts.export.handler(({ input: { format } }) => ({
        format,
        count: facts.count(),
        text: facts.export(format),
      })),
    },
    models: {
      list: os.models.list.handler(() => ({
        models: models.list().map((model) => describeModel(model, dependencies.machine)),
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
            fit: fitReportOf(entry.shape, entry.sizeBytes, dependencies.machine),
          })),
        };
      }),
      get: os.models.get.handler(({ input }) => {
        const job = jobs.start({
          kind: 'download',
          lane: 'network',
          params: input,
          run: ({ signal, report }) => services.downloads.get(input, { signal, report }),
        });
        return { jobId: job.id };
      }),
      remove: os.models.remove.handler(({ input: { id, deleteFile } }) => {
        assertNoAdapters(models.get(id), adapters.list());
        const { model, fileDeleted } = models.remove(id, { deleteFile });
        return { id: model.id, file: model.file, fileDeleted };
      }),
    },
    datasets: {
      build: os.datasets.build.handler(async ({ input: { recipe, seed, base }, signal }) => {
        assertFacts();
        const model = await models.resolve(base, { signal });
        return { dataset: datasets.build({ recipe, seed, baseModelId: model.id }).dataset };
      }),
      show: os.datasets.show.handler(({ input }) => datasets.show(input.id)),
    },
    generalAnswers: {
      start: os.generalAnswers.start.handler(({ input }) => {
        assertFacts();
        return { jobId: startGeneralAnswers(input).id };
      }),
    },
    training: {
      start: os.training.start.handler(({ input }) => {
        assertFacts();
        // The same lane: it is over before the training begins, and at once where the answers are there.
        if (datasets.generalPrompts(input).length > 0) startGeneralAnswers(input);
        return startTraining(input);
      }),
      plan: os.training.plan.handler(({ input, signal }) =>
        services.previewTraining(input, signal === undefined ? {} : { signal }),
      ),
    },
    devices: {
      list: os.devices.list.handler(async ({ signal }) => ({
        devices: [...(await dependencies.trainer.devices(signal === undefined ? {} : { signal }))],
      })),
    },
    adapters: {
      list: os.adapters.list.handler(() => ({
        activeAdapterId: adapters.active()?.id ?? null,
        adapters: adapters.list(),
      })),
      activate: os.adapters.activate.handler(async ({ input: { id, override } }) => {
        const adapter = await adapters.activate(id, { override });
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
    },
    evaluations: {
      start: os.evaluations.start.handler(({ input }) => {
        const job = jobs.start({
          kind: 'evaluate',
          lane: 'compute',
          params: {
            adapter: input.adapter,
            arm: input.arm,
            hasOwnQuestions: input.questionsFile !== undefined,
          },
          run: ({ signal, report }) => services.evaluations.evaluate(input, { signal, report }),
        });
        return { jobId: job.id };
      }),
    },
    chat: {
      ask: os.chat.ask.handler(({ input, signal }) => services.chat.ask(input, { signal })),
      send: os.chat.send.handler(async function* ({ input, signal }) {
        try {
          yield* services.chat.send(input, { signal });
        } catch (error) {
          nameErrors(error);
        }
      }),
    },
    jobs: {
      get: os.jobs.get.handler(({ input }) => jobs.get(input.jobId)),
      list: os.jobs.list.handler(() => ({ jobs: jobs.listOpen() })),
      cancel: os.jobs.cancel.handler(({ input }) =>
        dependencies.isBusy() ? order(input.jobId, 'cancel') : jobs.cancel(input.jobId),
      ),
      pause: os.jobs.pause.handler(({ input }) =>
        dependencies.isBusy() ? order(input.jobId, 'pause') : jobs.pause(input.jobId),
      ),
      resume: os.jobs.resume.handler(({ input }) => {
        const job = jobs.get(input.jobId);
        const isStopped = job.state === 'paused' || job.state === 'interrupted';
        if (!isStopped || job.kind !== 'train') {
          throw new AppError(
            'conflict',
            `There is nothing to go on with: the ${job.kind} job is ${job.state}.`,
            {
              hint: 'See: keepsake jobs list',
            },
          );
        }
        return startTraining(trainingRequest.parse(job.params));
      }),
      watch: os.jobs.watch.handler(async function* ({ input, signal }) {
        try {
          yield* jobs.watch(input.jobId, signal);
        } catch (error) {
          nameErrors(error);
        }
      }),
    },
    status: {
      get: os.status.get.handler(() => {
        const all = listWithStates();
        const byState = new Map<string, number>();
        for (const fact of all) byState.set(fact.state, (byState.get(fact.state) ?? 0) + 1);
        const active = adapters.active();
        return {
          data: dependencies.paths.data,
          profile: profiles.resolve(dependencies.paths.profileId),
          facts: {
            total: all.filter((fact) => fact.source.type !== 'derived').length,
            current: all.filter((fact) => fact.current && fact.source.type !== 'derived').length,
            derived: all.filter((fact) => fact.source.type === 'derived').length,
            byState: Object.fromEntries(byState),
          },
          activeAdapterId: active?.id ?? null,
          baseModelId: active?.baseModelId ?? null,
          adapters: adapters.list().length,
          rebuildNeeded: isRebuildNeeded(services.databases.profile),
          busy: dependencies.isBusy(),
          lastDevice: services.training.list().find((run) => run.device !== null)?.device ?? null,
          stopped: describeStopped(services.training.list(), dependencies.isBusy()),
          jobs: jobs.listOpen(),
        };
      }),
    },
  });

  function describeForgotten(forgotten: ForgetResult | null): {
    removed: string[];
    destroyedAdapters: string[];
    rebuildNeeded: boolean;
  } {
    return {
      removed: (forgotten?.removal.facts ?? []).map((fact) => fact.id),
      destroyedAdapters: [...(forgotten?.destroyedAdapters ?? [])],
      rebuildNeeded: isRebuildNeeded(services.databases.profile),
    };
  }

  /** What a change may have marked as never to be trained leaves every adapter that learnt it. */
  async function unlearn(): Promise<{ destroyedAdapters?: string[]; rebuildNeeded?: boolean }> {
    const unlearnt = await unlearnNeverTrained(forgetInput);
    if (unlearnt === null) return {};
    return { destroyedAdapters: [...unlearnt.destroyedAdapters], rebuildNeeded: unlearnt.rebuildNeeded };
  }

  function beyondReach(factIds: readonly string[]) {
    const { exports, unknownAdapters } = services.interchange.beyondReach(factIds);
    return { exports: [...exports], unknownAdapters: [...unknownAdapters] };
  }

  function startTraining(request: TrainingRequest): { jobId: string } {
    const job = jobs.start({
      kind: 'train',
      lane: 'compute',
      params: request,
      pausable: true,
      run: async ({ signal, report }) => {
        // What a killed process left of a change.
        await unlearnNeverTrained(forgetInput);
        return services.train.train(request, { signal, report, device: request.device });
      },
    });
    return { jobId: job.id };
  }

  /** Tells the process that holds the data folder. */
  function order(jobId: string, what: 'pause' | 'cancel'): Job {
    const job = jobs.get(jobId);
    dependencies.control.request(job.id, what);
    return job;
  }

  function assertFacts(): void {
    if (facts.count() > 0) return;
    throw new AppError('no-facts', 'There are no facts to learn yet.', {
      hint: 'Tell some first: keepsake facts add --attribute birthday --value "3 March 1990"',
    });
  }
}
