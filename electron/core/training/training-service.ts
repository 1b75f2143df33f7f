/**
 * One training run: tokenise the dataset with the serving model's own prompt, start the worker, register its adapter.
 *
 * A run that was stopped (Ctrl-C, killed worker, killed app) is gone on with by the next training of the same
 * dataset, base, recipe and seed: the worker resumes from its checkpoint.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { Progress } from '../../contract/entities/job.ts';
import type { SampleKind, TrainingRun } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import type { DatasetContent } from '../datasets/dataset-service.ts';
import type { Clock, ModelRuntime, Paths, Trainer, TrainerEvent } from '../dependencies.ts';
import { countEpochs, countTokens, renderSamples, toRunConfig } from './run-config.ts';
import { recipeFor } from './recipe.ts';
import type { TrainingStore } from './training-store.ts';

/** Of a file with about five bits a weight; one with more counts as a larger base and gets a more careful rate. */
const weightsPerByte = 1.5;

export type TrainingServiceInput = {
  readonly store: TrainingStore;
  readonly trainer: Trainer;
  readonly runtime: ModelRuntime;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly paths: Pick<Paths, 'runs' | 'adapters'>;
  /** Keeps a new candidate. */
  readonly insertAdapter: (adapter: Adapter) => void;
};

export type TrainingOptions = {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  readonly onEvent?: (event: TrainerEvent) => void;
};

export type TrainingResult = {
  readonly run: TrainingRun;
  readonly adapter: Adapter;
  readonly resumed: boolean;
  /** Trained tokens by kind of sample over all epochs. */
  readonly tokensByKind: Readonly<Record<SampleKind, number>>;
};

export type TrainingService = ReturnType<typeof createTrainingService>;

/** Use cases of training runs. */
export function createTrainingService(input: TrainingServiceInput) {
  const { store, paths } = input;

  function findResumable(content: DatasetContent): TrainingRun | undefined {
    const { dataset } = content;
    return store
      .list()
      .find(
        (run) =>
          run.datasetId === dataset.id &&
          run.baseModelId === dataset.baseModelId &&
          run.recipe === dataset.recipe &&
          run.seed === dataset.seed &&
          ['queued', 'running', 'paused', 'cancelled', 'interrupted', 'failed'].includes(run.state) &&
          existsSync(run.folder),
      );
  }

  function createRun(content: DatasetContent): TrainingRun {
    const id = input.newId();
    const run: TrainingRun = {
      id,
      datasetId: content.dataset.id,
      baseModelId: content.dataset.baseModelId,
      recipe: content.dataset.recipe,
      seed: content.dataset.seed,
      state: 'queued',
      folder: join(paths.runs, id),
      adapterId: null,
      seconds: null,
      tokens: null,
      loss: null,
      error: null,
      createdAt: input.clock.now(),
    };
    store.insert(run);
    return run;
  }

  /** Writes the worker's input into the run's folder: the same content makes the same bytes. */
  async function prepare(
    run: TrainingRun,
    adapterId: string,
    content: DatasetContent,
    base: BaseModel,
    options: TrainingOptions,
  ) {
    options.report({ done: 0, total: null, unit: 'samples', title: 'Preparing the samples' });
    const model = await input.runtime.load(base.file, { signal: options.signal });
    const recipe = recipeFor(content.dataset.recipe, base.sizeBytes * weightsPerByte);
    const epochs = countEpochs(content.samples);
    const samples = renderSamples(content.samples, model, recipe);
    const probes = renderSamples(content.probes, model, recipe);
    const configFile = join(run.folder, 'config.json');
    withStorageErrors(run.folder, () => {
      mkdirSync(run.folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(run.folder, 'dataset.jsonl'), toLines(samples));
      writeFileSync(
        join(run.folder, 'probes.jsonl'),
        toLines(probes.map((each, index) => ({ id: String(index), ...each }))),
      );
      const config = toRunConfig({
        runId: run.id,
        baseFile: base.file,
        baseSha256: base.sha256,
        backendsDir: input.trainer.backendsDir,
        threads: input.trainer.threads,
        folder: run.folder,
        output: join(paths.adapters, `${adapterId}.gguf`),
        recipe,
        seed: run.seed,
        epochs,
        datasetSha256: content.dataset.sha256,
        parentAdapterId: null,
      });
      writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`);
    });
    return { configFile, recipe, tokensByKind: countTokens(samples, epochs) };
  }

  return {
    list: () => store.list(),
    find: (id: string) => store.find(id),
    findResumable,

    /** Trains and registers a candidate. Throws `cancelled` when stopped; what was done is kept in a checkpoint. */
    run: async (
      content: DatasetContent,
      base: BaseModel,
      options: TrainingOptions,
    ): Promise<TrainingResult> => {
      const earlier = findResumable(content);
      const started = earlier ?? createRun(content);
      const adapterId = started.adapterId ?? input.newId();
      const run: TrainingRun = { ...started, adapterId, state: 'running', error: null };
      store.update(run);
      try {
        const { configFile, recipe, tokensByKind } = await prepare(run, adapterId, content, base, options);
        const outcome = await input.trainer.train(configFile, {
          signal: options.signal,
          logFile: join(run.folder, 'trainer.log'),
          onEvent: (event) => {
            options.onEvent?.(event);
            if (event.type === 'step') {
              const detail = `loss ${event.loss.toFixed(3)}, ${Math.round(event.tokensPerSecond)} tokens/s`;
              options.report({
                done: event.step,
                total: event.steps,
                unit: 'steps',
                title: 'Learning',
                detail,
              });
            }
          },
        });
        if (outcome.state === 'cancelled') {
          throw new AppError('cancelled', `Training was stopped at step ${outcome.step}.`, {
            hint: 'Run the same command again: it goes on from there.',
          });
        }
        const done: TrainingRun = {
          ...run,
          state: 'succeeded',
          seconds: outcome.seconds,
          tokens: outcome.tokens,
          loss: outcome.loss,
        };
        const adapter: Adapter = {
          id: adapterId,
          baseModelId: base.id,
          runId: run.id,
          parentAdapterId: null,
          file: outcome.output,
          rank: recipe.rank,
          alpha: recipe.alpha,
          state: 'candidate',
          override: null,
          factIds: content.dataset.factIds,
          verdict: null,
          createdAt: input.clock.now(),
        };
        input.insertAdapter(adapter);
        store.update(done);
        // Samples and checkpoint hold personal facts and are of no more use.
        rmSync(run.folder, { recursive: true, force: true });
        return { run: done, adapter, resumed: earlier !== undefined, tokensByKind };
      } catch (error) {
        store.update({ ...run, ...toEndState(error) });
        throw error;
      }
    },
  };
}

function toEndState(error: unknown): Pick<TrainingRun, 'state' | 'error'> {
  if (!(error instanceof AppError)) {
    return { state: 'failed', error: { code: 'internal', message: String(error) } };
  }
  const { code, message, hint } = error;
  return {
    state: code === 'cancelled' ? 'cancelled' : 'failed',
    error: { code, message, ...(hint === undefined ? {} : { hint }) },
  };
}

function toLines(rows: readonly unknown[]): string {
  return rows.map((each) => `${JSON.stringify(each)}\n`).join('');
}
