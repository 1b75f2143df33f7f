/** Wires the features of one profile: the only place that knows all of them. */
import type { Database } from 'better-sqlite3';
import type { Verdict } from '../contract/entities/evaluation.ts';
import type { Progress } from '../contract/entities/job.ts';
import { trainingRequest } from '../contract/methods.ts';
import type { Adapter, BaseModel } from '../contract/entities/model.ts';
import { assertAdapterFile, createAdapterService } from './adapters/adapter-service.ts';
import { createChat } from './chat/create-chat.ts';
import { createLocalServer } from './chat/local-server.ts';
import { createGeneralAnswers } from './datasets/general-answers.ts';
import { loadPools } from './datasets/pools.ts';
import { trainableFacts } from './datasets/untaught.ts';
import { createVetoStore } from './datasets/veto-store.ts';
import { createDatasetService } from './datasets/dataset-service.ts';
import type { Dependencies } from './dependencies.ts';
import { loadBenchmarks } from './evaluation/benchmarks.ts';
import { createEvaluationService } from './evaluation/evaluation-service.ts';
import { createFactService } from './facts/fact-service.ts';
import { createProposalService } from './facts/inbox/proposal-service.ts';
import { loadKinds } from './facts/kinds.ts';
import { createInterchangeService } from './interchange/interchange-service.ts';
import { topicsOfJob } from './jobs/job-topics.ts';
import { createJobService } from './jobs/job-service.ts';
import { createLedgerService } from './ledger/ledger-service.ts';
import { loadCatalogue } from './models/catalogue.ts';
import { clearDownloadLocks } from './models/download-leftovers.ts';
import { createDownloadService } from './models/download-service.ts';
import { createModelService } from './models/model-service.ts';
import { readSystemText } from './models/prompt.ts';
import { createProfileService } from './profiles/profile-service.ts';
import type { Judgement } from './retrain/judgement.ts';
import { gradeOf } from './retrain/graduate.ts';
import { createTrainService } from './retrain/train-service.ts';
import { isRebuildNeeded, setRebuildNeeded } from './retrain/forget.ts';
import { createPlanner } from './retrain/planner.ts';
import { createPreview } from './retrain/preview.ts';
import { clearLeftovers } from './retrain/stopped-runs.ts';
import { createTaughtStore } from './retrain/taught-store.ts';
import { createLessonService } from './retrain/lesson-service.ts';
import { createRunService } from './retrain/run-service.ts';
import { assertTrainingFits } from './retrain/training-fit.ts';
import { createCurveStore } from './training/curve-store.ts';
import { assertModelFree } from './training/model-free.ts';
import { createRunWatch } from './training/run-watch.ts';
import { createKnowledgeServices, createStatesOf } from './services-knowledge.ts';
import { createTrainingService } from './training/training-service.ts';
import { createTrainingStore } from './training/training-store.ts';
import { createBackups } from './db/backups.ts';
import { countChanges } from './db/open-database.ts';
import { toStorageError, withStorageErrors } from './db/database-errors.ts';
import { createEventHub } from './util/event-hub.ts';
import { createConnections } from './settings/connections.ts';
import { createSettingsService } from './settings/settings-service.ts';
import { loadTemplates } from './variations/templates.ts';

/** The open databases: that of the app and that of the profile. */
export type Databases = { readonly app: Database; readonly profile: Database };

export type Services = ReturnType<typeof createServices>;

/** Creates every service over open databases. */
export function createServices(dependencies: Dependencies, databases: Databases) {
  const { clock, newId, paths, runtime, trainer } = dependencies;
  const db = databases.profile;
  const kinds = loadKinds(paths.resources);
  const backups = {
    app: createBackups({ database: 'app', folder: paths.appBackups, now: clock.now }),
    profile: createBackups({ database: 'profile', folder: paths.backups, now: clock.now }),
  };
  const profiles = createProfileService({
    db: databases.app,
    clock,
    newId,
    profilesFolder: paths.profiles,
    destroyBackups: () => backups.app.destroy(),
  });
  const connections = createConnections({ db: databases.app, clock });
  const settings = createSettingsService({
    db: databases.app,
    assertModel: (id) => void models.get(id),
  });
  const models = createModelService({
    chosenId: () => settings.get().baseModelId,
    db: databases.app,
    trainer,
    clock,
    newId,
    defaultModelFile: paths.defaultModel,
  });
  const downloads = createDownloadService({
    downloader: connections.recording(dependencies.downloader),
    models,
    machine: dependencies.machine,
    loadCatalogue: () => loadCatalogue(paths.resources),
    modelsFolder: paths.models,
    defaultModelFile: paths.defaultModel,
    endpoints: dependencies.hubEndpoints,
  });
  const adapters = createAdapterService({
    db,
    assertBase: (baseModelId) => models.assertUnchanged(models.get(baseModelId)),
    releaseAdapter: (file) => runtime.releaseAdapter(file),
  });
  const ledger = createLedgerService({ db, clock, gradeOf });
  /** The version that chat answers with: none while another base than its own was chosen. */
  const servingAdapter = (): Adapter | null => {
    const active = adapters.active();
    const chosen = active === null ? null : settings.get().baseModelId;
    return chosen !== null && chosen !== active?.baseModelId ? null : active;
  };
  const facts = createFactService({
    db,
    clock,
    newId,
    kinds,
    forgetVerdicts: (factIds) => ledger.forgetVerdicts(factIds),
    restoreVerdicts: (verdicts) => ledger.restoreVerdicts(verdicts),
    statesOf: (all) => statesOf(all),
    statesKey: () => settings.get().baseModelId ?? '',
  });
  const statesOf = createStatesOf(servingAdapter, { ledger, models });
  const systemText = readSystemText(paths.resources);
  const generalAnswers = createGeneralAnswers({
    db: databases.app,
    runtime,
    systemText,
    dataFolder: paths.data,
  });
  const vetoes = createVetoStore(db);
  const datasets = createDatasetService({
    vetoes: () => vetoes.keys(),
    limits: dependencies.sampleLimits,
    db,
    clock,
    newId,
    kinds,
    systemText,
    liveFacts: () => trainableFacts(facts.list()),
    untaughtFacts: () => facts.list().filter((fact) => fact.neverTrain),
    loadTemplates: () => loadTemplates(paths.resources),
    loadPools: () => loadPools(paths.resources),
    findGeneralAnswers: (baseModelId, prompts) => generalAnswers.find(models.get(baseModelId), prompts),
  });
  const events = createEventHub();
  const jobs = createJobService({
    onChange: (job, before) => {
      events.announceJob(job);
      events.announce(topicsOfJob(job, before));
    },
    db: databases.app,
    clock,
    newId,
    nameError: (error) => toStorageError(error, paths.data),
    profileId: paths.profileId,
    takeOrders: () => dependencies.control.take(),
  });
  const curves = createCurveStore(db);
  const runWatch = createRunWatch({ store: curves, clock, announce: events.announceTraining });
  const trainingStore = createTrainingStore(db);
  const taught = createTaughtStore(db);
  const training = createTrainingService({
    store: trainingStore,
    watch: runWatch,
    trainer,
    runtime,
    clock,
    newId,
    paths,
    systemText,
    insertAdapter: (adapter, taughtFacts) => {
      db.transaction(() => {
        adapters.insertCandidate(adapter);
        taught.insert(adapter.id, taughtFacts);
      }).immediate();
    },
  });
  /** The base of an adapter, or the default one, checked to be the file that was registered. */
  const baseOf = async (adapter: Adapter | undefined): Promise<BaseModel> =>
    adapter === undefined
      ? models.resolve(undefined)
      : models.assertUnchanged(models.get(adapter.baseModelId));
  const withFile = (adapter: Adapter | null | undefined): Adapter | undefined => {
    if (adapter === null || adapter === undefined) return undefined;
    assertAdapterFile(adapter);
    return adapter;
  };
  const provedIds = (adapter: Adapter | undefined): ReadonlySet<string> => ledger.provedIds(adapter ?? null);
  const evaluations = createEvaluationService({
    vetoes: () => vetoes.keys(),
    db,
    clock,
    newId,
    runtime,
    trainer,
    kinds,
    systemText,
    listFacts: () => facts.list(),
    loadTemplates: () => loadTemplates(paths.resources),
    loadBenchmarks: () => loadBenchmarks(paths.resources),
    findAdapter: (id) => withFile(id === undefined ? adapters.newest() : adapters.get(id)),
    resolveBase: baseOf,
    provedIds,
  });
  const proposals = createProposalService({ db, clock, newId, kinds, facts });
  const talk = createChat({
    ...{ db, clock, newId, runtime, kinds, systemText, provedIds },
    resources: paths.resources,
    listFacts: () => facts.list(),
    activeAdapter: () => withFile(servingAdapter()),
    findAdapter: (id) => withFile(adapters.get(id)) ?? adapters.get(id),
    resolveBase: baseOf,
    announceKept: () => events.announce(['conversations']),
    assertFree: () => assertModelFree(runWatch.running()),
    propose: (text, source) => {
      if (!settings.get().proposeFromChat) return [];
      const found = proposals.extract(text, { type: 'chat', ...source }).proposals.map(({ id }) => id);
      if (found.length > 0) events.announce(['proposals']);
      return found;
    },
  });
  const localServer = createLocalServer({
    db: databases.app,
    host: dependencies.host,
    complete: async (request, options) => {
      assertModelFree(runWatch.running());
      return await talk.chat.complete(request, options);
    },
  });
  const planner = createPlanner({
    datasets,
    training,
    listAdapters: () => adapters.list(),
    // Nothing starts from an imported one: nobody knows what it learnt.
    activeAdapter: () => (adapters.active()?.imported ? null : adapters.active()),
    taughtOf: (adapterId) => taught.list(adapterId),
    ledgerOf: (adapterId) => ledger.entries(adapterId),
    isRebuildNeeded: () => isRebuildNeeded(db),
  });
  const previewTraining = createPreview({
    ...{ datasets, training, planner, runtime },
    machine: dependencies.machine,
    devices: () => trainer.devices({}),
    threads: trainer.threads,
    folder: paths.profile,
    resolveBase: (idOrFile) => models.resolve(idOrFile),
    onCounted: () => events.announce(['datasets']),
  });
  const train = createTrainService({
    ...{ datasets, training, planner },
    resolveBase: (idOrFile) => models.resolve(idOrFile),
    assertJudgeable: () => evaluations.assertBenchmarks(),
    assertFits: (base, recipeName, tokens) => {
      const recipe = training.recipeOf(recipeName, base);
      const { sharing } = assertTrainingFits({
        ...{ base, rank: recipe.rank, threads: trainer.threads, machine: dependencies.machine },
        ...{ folder: paths.profile, tokens, measuredBytes: null },
      });
      return { exclusive: sharing === 'exclusive' };
    },
    getAdapter: (id) => adapters.get(id),
    judge: (adapter, base, options) =>
      runWatch.during(adapter.runId, 'test', () => evaluations.judge(adapter, base, options)),
    probe: (adapter, base, options) =>
      runWatch.during(adapter.runId, 'test', () => evaluations.probe(adapter, base, options)),
    discard: (adapter) => adapters.discard(adapter.id),
    conclude: (adapter, judgement) => conclude(adapter.id, judgement),
  });

  const lessons = createLessonService({
    ...{ datasets, vetoes, clock, plan: (request, base) => planner.plan(request, base) },
    preparePlan: () => planner.prepare(),
    request: trainingRequest.parse({}),
    resolveBase: () => models.resolve(undefined),
    heldOut: (some, others) => evaluations.heldOut(some, others),
    changes: () => countChanges(db) + countChanges(databases.app),
  });
  const runs = createRunService({
    ...{ curves, watch: runWatch, listRuns: () => training.list(), findRun: (id) => training.find(id) },
    findAdapter: (id) => adapters.list().find((each) => each.id === id),
    versionOf: (id) => adapters.marks().get(id)?.number ?? null,
    evaluationsOf: (adapterId) => evaluations.reports(adapterId),
    statements: () => new Map(facts.list().map((fact) => [fact.id, fact.statement])),
    openJobs: () => jobs.listOpen(),
  });

  /** Verdict, ledger and activation belong together: a kill in between would leave an adapter without its proof. */
  function conclude(adapterId: string, { verdict, facts: verdicts }: Judgement): void {
    db.transaction(() => {
      const judged = adapters.setVerdict(adapterId, verdict);
      ledger.record(adapterId, verdicts);
      // While a rebuild is needed nothing starts from an adapter, so that nothing forgotten is left in this one.
      setRebuildNeeded(db, false);
      if (judged.state === 'approved') adapters.setActive(judged.id);
    }).immediate();
  }

  /** The test of a training for an adapter that is there already; it does not activate. */
  async function judgeAdapter(
    id: string,
    options: { readonly signal: AbortSignal; readonly report: (progress: Progress) => void },
  ): Promise<{ adapterId: string; verdict: Verdict }> {
    const adapter = adapters.get(id);
    assertAdapterFile(adapter);
    const { verdict, facts: verdicts } = await evaluations.judge(adapter, await baseOf(adapter), options);
    db.transaction(() => {
      adapters.setVerdict(adapter.id, verdict);
      // What an imported one answers it may have from anywhere: the facts go on riding in the prompt.
      if (adapter.imported === undefined) ledger.record(adapter.id, verdicts);
    })();
    return { adapterId: adapter.id, verdict };
  }

  const interchange = createInterchangeService({
    ...{ db, clock, newId, paths, trainer, systemText, adapters, models },
    compareRecall: (adapter, base, mergedFile, options) =>
      evaluations.compareMerged(adapter, base, mergedFile, options),
  });

  const knowledge = createKnowledgeServices({
    ...{
      db,
      dependencies,
      facts,
      adapters,
      servingAdapter,
      ledger,
      models,
      evaluations,
      jobs,
      training,
      planner,
    },
    chosenBaseId: () => settings.get().baseModelId,
    countProposals: () => proposals.countOpen(),
    runStatus: () => {
      const live = runWatch.running();
      if (live === null) return null;
      const { runId, probe, secondsLeft } = live;
      return { runId, right: probe?.right ?? null, asked: probe?.asked ?? null, secondsLeft };
    },
    liveFacts: () => datasets.liveFacts(),
  });

  return {
    ...knowledge,
    databases,
    kinds,
    systemText,
    backups,
    profiles,
    settings,
    connections,
    models,
    downloads,
    adapters,
    servingAdapter,
    facts,
    ledger,
    datasets,
    generalAnswers,
    jobs,
    events,
    training,
    train,
    runs,
    lessons,
    previewTraining,
    evaluations,
    ...talk,
    localServer,
    proposals,
    interchange,
    judgeAdapter,
    /** Called once by the process that may write: what ran when the app was killed is marked as interrupted. */
    recover: (): void => {
      jobs.markInterrupted();
      trainingStore.markInterrupted();
      interchange.recover();
      dependencies.control.take();
      const leftovers = {
        runs: trainingStore.list(),
        adapters: adapters.list(),
        adaptersFolder: paths.adapters,
      };
      const discard = (adapter: Adapter): void => {
        adapters.discardUnused(adapter.id);
      };
      withStorageErrors(paths.data, () => {
        clearLeftovers({ ...leftovers, discard });
        clearDownloadLocks(paths.models);
      });
    },
  };
}
