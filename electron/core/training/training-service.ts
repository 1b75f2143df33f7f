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
import type { Sample, SampleCounts, TrainingRun, TrainMode } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import type { DatasetContent } from '../datasets/dataset-service.ts';
import type { Clock, ModelRuntime, Paths, Trainer, TrainerEvent, TrainerOutcome } from '../dependencies.ts';
import { isPaused } from '../jobs/pause.ts';
import { faultPoint } from '../util/fault-point.ts';
import { takeInSlices } from '../util/slices.ts';
import { chooseProbes, countEpochs, countSteps, toRunConfig } from './run-config.ts';
import { writeSamples } from './write-samples.ts';
import { continuedRecipe, recipeFor, type Recipe } from './recipe.ts';
import { createRunProgress } from './run-progress.ts';
import { settingsToKeep } from './run-settings.ts';
import type { RunSink, RunWatch } from './run-watch.ts';
import { hashSettings } from './settings.ts';
import type { TrainingStore } from './training-store.ts';

/** Of a file with about five bits a weight; one with more counts as a larger base and gets a more careful rate. */
const weightsPerByte = 1.5;

export type TrainingServiceInput = {
  readonly store: TrainingStore;
  readonly trainer: Trainer;
  readonly runtime: ModelRuntime;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly paths: Pick<Paths, 'runs' | 'adapters' | 'deviceChecks'>;
  readonly systemText: string;
  /** Keeps a new candidate and what it was taught. */
  readonly insertAdapter: (adapter: Adapter, taught: ReadonlyMap<string, string>) => void;
  /** Keeps the curves and tells what a run does. */
  readonly watch: RunWatch;
};

/** How a run begins, and what its adapter will have been taught (a fingerprint by fact id). */
export type RunStart = {
  readonly mode: TrainMode;
  /** The adapter to start from; null in a rebuild. */
  readonly parent: Adapter | null;
  readonly taught: ReadonlyMap<string, string>;
  /** Lets go of the chat model before the worker starts. */
  readonly exclusive?: boolean;
};

export type TrainingOptions = {
  /** A device's name; absent = the best that works and suffices. */
  readonly device?: string | undefined;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  readonly onEvent?: (event: TrainerEvent) => void;
};

export type TrainingResult = {
  readonly run: TrainingRun;
  readonly adapter: Adapter;
  readonly resumed: boolean;
  /** Trained tokens by kind of sample over all epochs. */
  readonly tokensByKind: Readonly<SampleCounts>;
};

export type TrainingService = ReturnType<typeof createTrainingService>;

/** Use cases of training runs. */
export function createTrainingService(input: TrainingServiceInput) {
  const { store, paths } = input;

  const settingsOf = (recipe: Recipe): string => hashSettings(recipe, input.systemText);
  const recipeOf = (content: Pick<DatasetContent, 'dataset'>, base: BaseModel): Recipe =>
    recipeFor(content.dataset.recipe, base.sizeBytes * weightsPerByte);

  type Wanted = Pick<DatasetContent['dataset'], 'baseModelId' | 'recipe' | 'seed'>;

  /** Stopped runs that would do the same if they were of the same dataset. */
  function stoppedLike(
    wanted: Wanted,
    base: BaseModel,
    start: Pick<RunStart, 'mode' | 'parent'>,
  ): TrainingRun[] {
    const settings = settingsOf(recipeFor(wanted.recipe, base.sizeBytes * weightsPerByte));
    return store
      .list()
      .filter(
        (run) =>
          isStopped(run) &&
          run.baseModelId === wanted.baseModelId &&
          run.recipe === wanted.recipe &&
          run.seed === wanted.seed &&
          run.mode === start.mode &&
          run.parentAdapterId === (start.parent?.id ?? null) &&
          run.settings === settings &&
          existsSync(run.folder),
      );
  }

  /** The stopped run that would do the very same. */
  function findResumable(
    { dataset }: Pick<DatasetContent, 'dataset'>,
    base: BaseModel,
    start: Pick<RunStart, 'mode' | 'parent'>,
  ): TrainingRun | undefined {
    return stoppedLike(dataset, base, start).find((run) => run.datasetId === dataset.id);
  }

  function createRun(content: DatasetContent, base: BaseModel, start: RunStart): TrainingRun {
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
      mode: start.mode,
      parentAdapterId: start.parent?.id ?? null,
      settings: settingsOf(recipeOf(content, base)),
      device: null,
      tokensPerSecond: null,
      peakMemoryBytes: null,
      step: null,
      steps: null,
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
    start: RunStart,
    options: TrainingOptions,
    sink: RunSink,
  ) {
    options.report({ done: 0, total: null, unit: 'samples', title: 'Preparing the samples' });
    const model = await input.runtime.load(base.file, { signal: options.signal });
    const full = recipeOf(content, base);
    const recipe = start.mode === 'rebuild' ? full : continuedRecipe(full, start.mode);
    const epochs = countEpochs(content.samples);
    const chosen = chooseProbes(content.probes);
    withStorageErrors(run.folder, () => {
      mkdirSync(run.folder, { recursive: true, mode: 0o700 });
      faultPoint('training.write-samples');
    });
    const write = (name: string, samples: readonly Sample[], isNumbered: boolean): Promise<SampleCounts> => {
      const file = join(run.folder, name);
      const { signal } = options;
      return takeInSlices(writeSamples(file, samples, { model, recipe, epochs, isNumbered }), { signal });
    };
    const tokensByKind = await write('dataset.jsonl', content.samples, false);
    await write('probes.jsonl', chosen, true);
    const steps = countSteps(content.samples, epochs, recipe.batchSize);
    /** Writes the configuration; the same run may be gone on with on the compressed weights. */
    const writeConfig = (gemm: 'auto' | 'ggml'): string => {
      const file = join(run.folder, 'config.json');
      const config = toRunConfig({
        runId: run.id,
        baseFile: base.file,
        baseSha256: base.sha256,
        backendsDir: input.trainer.backendsDir,
        backends: input.trainer.backends,
        device: options.device ?? 'auto',
        deviceChecksFile: input.paths.deviceChecks,
        threads: input.trainer.threads,
        folder: run.folder,
        output: join(paths.adapters, `${adapterId}.gguf`),
        recipe,
        seed: run.seed,
        epochs,
        datasetSha256: content.dataset.sha256,
        parentAdapterId: start.parent?.id ?? null,
        initAdapter: start.parent?.file ?? null,
        gemm,
        steps,
      });
      const tokens = Object.values(tokensByKind).reduce((total, count) => total + count, 0);
      sink.details({
        settings: settingsToKeep({ ...config, mode: run.mode, steps, tokens }),
        probeFacts: chosen.map((each) => each.factIds[0] ?? null),
      });
      withStorageErrors(run.folder, () => writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`));
      return file;
    };
    return { writeConfig, recipe, tokensByKind };
  }

  /** The worker; where memory is short, once more on the compressed weights, from the last checkpoint. */
  async function runWorker(
    writeConfig: (gemm: 'auto' | 'ggml') => string,
    run: TrainingRun,
    options: TrainingOptions,
    onEvent: (event: TrainerEvent) => void,
  ): Promise<TrainerOutcome> {
    const train = (gemm: 'auto' | 'ggml'): Promise<TrainerOutcome> =>
      input.trainer.train(writeConfig(gemm), {
        signal: options.signal,
        logFile: join(run.folder, 'trainer.log'),
        onEvent,
      });
    try {
      return await train('auto');
    } catch (error) {
      const isMemory = error instanceof AppError && error.code === 'not-enough-memory';
      if (!isMemory || options.signal.aborted) throw error;
      const detail =
        'memory is short, so it goes on from the last checkpoint in a slower way that takes less';
      options.report({ done: 0, total: null, unit: 'steps', title: 'Learning', detail });
      return train('ggml');
    }
  }

  /** Samples and checkpoints hold personal facts; once a later run of the kind has ended they are of no more use. */
  function clearStopped({ baseModelId, recipe, seed }: TrainingRun): void {
    for (const run of store.list()) {
      const isOutdated = run.baseModelId === baseModelId && run.recipe === recipe && run.seed === seed;
      if (isStopped(run) && isOutdated) rmSync(run.folder, { recursive: true, force: true });
    }
  }

  return {
    list: () => store.list(),
    findOpen: () => store.findOpen(),
    find: (id: string) => store.find(id),
    /** The run that this process works on now, its test included. */
    running: () => input.watch.running(),
    findResumable,
    /** Whether there is a stopped run that could be gone on with, if its dataset is the same. */
    hasStoppedLike: (wanted: Wanted, base: BaseModel, start: Pick<RunStart, 'mode' | 'parent'>): boolean =>
      stoppedLike(wanted, base, start).length > 0,
    recipeOf: (recipe: Recipe['name'], base: BaseModel): Recipe =>
      recipeFor(recipe, base.sizeBytes * weightsPerByte),
    settingsOf,

    /** Trains and registers a candidate. Throws `cancelled` when stopped; what was done is kept in a checkpoint. */
    run: async (
      content: DatasetContent,
      base: BaseModel,
      start: RunStart,
      options: TrainingOptions,
    ): Promise<TrainingResult> => {
      const earlier = findResumable(content, base, start);
      const started = earlier ?? createRun(content, base, start);
      const adapterId = started.adapterId ?? input.newId();
      const run: TrainingRun = { ...started, adapterId, state: 'running', error: null };
      store.update(run);
      if (earlier !== undefined) options.report(sayResumed(earlier));
      const sink = input.watch.begin(run.id);
      const progress = createRunProgress();
      /** The run with how far it came, also where it did not come further than before. */
      const measured = (): TrainingRun => {
        const { device, tokensPerSecond, step, steps } = progress.measures();
        return {
          ...run,
          device: device ?? run.device,
          tokensPerSecond: tokensPerSecond ?? run.tokensPerSecond,
          step: step ?? run.step,
          steps: steps ?? run.steps,
        };
      };
      try {
        faultPoint('training.prepare');
        const prepared = await prepare(run, adapterId, content, base, start, options, sink);
        const exclusive = start.exclusive === true;
        sink.phase('load', { exclusive });
        if (exclusive) await input.runtime.dispose();
        else input.runtime.limitThreads?.(1);
        faultPoint('training.start-worker');
        const outcome = await runWorker(prepared.writeConfig, run, options, (event) => {
          options.onEvent?.(event);
          const report = progress.take(event);
          if (report !== undefined) options.report(report);
          sink.take(event, progress.secondsLeft());
          // Where a killed app left off is read from here.
          if (event.type === 'checkpoint') store.update(measured());
        });
        if (outcome.state === 'cancelled') {
          const verb = isPaused(options.signal) ? 'paused' : 'stopped';
          throw new AppError('cancelled', `Training was ${verb} at step ${outcome.step}.`, {
            hint: 'Run the same command again: it goes on from there.',
          });
        }
        const done: TrainingRun = {
          ...measured(),
          state: 'succeeded',
          seconds: outcome.seconds,
          tokens: outcome.tokens,
          loss: outcome.loss,
          peakMemoryBytes: outcome.peakMemoryBytes,
        };
        const adapter: Adapter = {
          id: adapterId,
          baseModelId: base.id,
          runId: run.id,
          parentAdapterId: start.parent?.id ?? null,
          file: outcome.output,
          rank: prepared.recipe.rank,
          alpha: prepared.recipe.alpha,
          objective: prepared.recipe.objective,
          state: 'candidate',
          override: null,
          factIds: content.dataset.factIds,
          verdict: null,
          createdAt: input.clock.now(),
        };
        faultPoint('training.register');
        input.insertAdapter(adapter, start.taught);
        store.update(done);
        faultPoint('training.clean-up');
        rmSync(run.folder, { recursive: true, force: true });
        clearStopped(done);
        return { run: done, adapter, resumed: earlier !== undefined, tokensByKind: prepared.tokensByKind };
      } catch (error) {
        store.update({ ...measured(), ...toEndState(error, options.signal) });
        // A repair is not gone on with: the adapter that it was to repair is there.
        if (run.mode === 'repair') rmSync(run.folder, { recursive: true, force: true });
        throw error;
      } finally {
        input.runtime.limitThreads?.(null);
        sink.end();
      }
    },
  };
}

/** True for a run that did not come to its end and does not run. */
function isStopped(run: TrainingRun): boolean {
  return ['queued', 'running', 'paused', 'cancelled', 'interrupted', 'failed'].includes(run.state);
}

function sayResumed({ step, steps, state }: TrainingRun): Progress {
  const where = step === null ? '' : ` at step ${step}${steps === null ? '' : ` of ${steps}`}`;
  const how = state === 'failed' ? 'failed' : `was ${state === 'running' ? 'interrupted' : state}`;
  const title = `Going on with the training that ${how}${where}`;
  return { done: step ?? 0, total: steps, unit: 'steps', title };
}

function toEndState(error: unknown, signal: AbortSignal): Pick<TrainingRun, 'state' | 'error'> {
  if (!(error instanceof AppError)) {
    return { state: 'failed', error: { code: 'internal', message: String(error) } };
  }
  const { code, message, hint } = error;
  const stopped = isPaused(signal) ? 'paused' : 'cancelled';
  return {
    state: code === 'cancelled' ? stopped : 'failed',
    error: { code, message, ...(hint === undefined ? {} : { hint }) },
  };
}
