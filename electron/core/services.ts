/** Wires the features of one profile: the only place that knows all of them. */
import type { Database } from 'better-sqlite3';
import type { ChatAnswer, ChatEvent, ChatRequest } from '../contract/entities/chat.ts';
import type { ArmResult } from '../contract/entities/evaluation.ts';
import { AppError } from '../contract/errors.ts';
import { createAdapterService } from './adapters/adapter-service.ts';
import { loadPools } from './datasets/pools.ts';
import { createDatasetService } from './datasets/dataset-service.ts';
import type { Dependencies } from './dependencies.ts';
import { createFactService } from './facts/fact-service.ts';
import { loadKinds } from './facts/kinds.ts';
import { createJobService } from './jobs/job-service.ts';
import { createLedgerService } from './ledger/ledger-service.ts';
import { createModelService } from './models/model-service.ts';
import { readSystemText } from './models/prompt.ts';
import { createTrainService, type Judgement } from './retrain/train-service.ts';
import { setRebuildNeeded } from './retrain/forget.ts';
import { createTrainingService } from './training/training-service.ts';
import { createTrainingStore } from './training/training-store.ts';
import { toStorageError } from './db/database-errors.ts';
import { loadTemplates } from './variations/templates.ts';

/** The open databases: that of the app and that of the profile. */
export type Databases = { readonly app: Database; readonly profile: Database };

export type Services = ReturnType<typeof createServices>;

/** Creates every service over open databases. */
export function createServices(dependencies: Dependencies, databases: Databases) {
  const { clock, newId, paths, runtime, trainer } = dependencies;
  const db = databases.profile;
  const kinds = loadKinds(paths.resources);
  const models = createModelService({
    db: databases.app,
    trainer,
    clock,
    newId,
    defaultModelFile: paths.defaultModel,
  });
  const adapters = createAdapterService({
    db,
    assertBase: (baseModelId) => models.assertUnchanged(models.get(baseModelId)),
    releaseAdapter: (file) => runtime.releaseAdapter(file),
  });
  const ledger = createLedgerService({ db, clock });
  const facts = createFactService({
    db,
    clock,
    newId,
    kinds,
    forgetVerdicts: (factIds) => ledger.forgetVerdicts(factIds),
  });
  const systemText = readSystemText(paths.resources);
  const datasets = createDatasetService({
    db,
    clock,
    newId,
    kinds,
    systemText,
    liveFacts: () => facts.list().filter((fact) => fact.current || fact.validTo !== null),
    loadTemplates: () => loadTemplates(paths.resources),
    loadPools: () => loadPools(paths.resources),
  });
  const jobs = createJobService({
    db: databases.app,
    clock,
    newId,
    nameError: (error) => toStorageError(error, paths.data),
  });
  const trainingStore = createTrainingStore(db);
  const training = createTrainingService({
    store: trainingStore,
    trainer,
    runtime,
    clock,
    newId,
    paths,
    insertAdapter: (adapter) => void adapters.insertCandidate(adapter),
  });
  const train = createTrainService({
    datasets,
    training,
    resolveBase: (idOrFile) => models.resolve(idOrFile),
    listAdapters: () => adapters.list(),
    judge: () => Promise.reject(notWired('evaluation')),
    conclude: (adapter, judgement) => conclude(adapter.id, judgement),
  });

  /** Verdict, ledger and activation belong together: a kill in between would leave an adapter without its proof. */
  function conclude(adapterId: string, { verdict, facts: verdicts }: Judgement): void {
    db.transaction(() => {
      const judged = adapters.setVerdict(adapterId, verdict);
      ledger.record(adapterId, verdicts);
      // Every training starts from the base, so that nothing forgotten is left in it.
      setRebuildNeeded(db, false);
      if (judged.state === 'approved') adapters.setActive(judged.id);
    }).immediate();
  }

  return {
    databases,
    kinds,
    systemText,
    models,
    adapters,
    facts,
    ledger,
    datasets,
    jobs,
    training,
    train,
    evaluate: (_input: unknown, _options: unknown): Promise<ArmResult> =>
      Promise.reject(notWired('evaluation')),
    chat: {
      ask: (_input: ChatRequest, _options: unknown): Promise<ChatAnswer> => Promise.reject(notWired('chat')),
      send: async function* (_input: ChatRequest, _options: unknown): AsyncGenerator<ChatEvent> {
        await Promise.reject(notWired('chat'));
        yield { type: 'text', text: '' };
      },
    },
    /** Called once by the process that may write: what ran when the app was killed is marked as interrupted. */
    recover: (): void => {
      jobs.markInterrupted();
      trainingStore.markInterrupted();
    },
  };
}

function notWired(feature: string): AppError {
  return new AppError('internal', `The ${feature} is not wired yet.`);
}
