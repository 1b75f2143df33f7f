import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  recipeName,
  runState,
  trainingRun,
  trainMode,
  type TrainingRun,
} from '../../contract/entities/training.ts';

const row = z.object({
  id: z.string(),
  dataset_id: z.string(),
  base_model_id: z.string(),
  recipe: recipeName,
  seed: z.number(),
  state: runState,
  folder: z.string(),
  adapter_id: z.string().nullable(),
  seconds: z.number().nullable(),
  tokens: z.number().nullable(),
  loss: z.number().nullable(),
  error: z.string().nullable(),
  created_at: z.number(),
  mode: trainMode,
  parent_adapter_id: z.string().nullable(),
  settings: z.string().nullable(),
  device: z.string().nullable(),
  tokens_per_second: z.number().nullable(),
  peak_memory_bytes: z.number().nullable(),
  step: z.number().nullable(),
  steps: z.number().nullable(),
});

export type TrainingStore = ReturnType<typeof createTrainingStore>;

/** SQL of the training runs. */
export function createTrainingStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO training_runs
       (id, dataset_id, base_model_id, recipe, seed, state, folder, adapter_id, seconds, tokens, loss, error, created_at,
        mode, parent_adapter_id, settings, device, tokens_per_second, peak_memory_bytes, step, steps)
     VALUES (@id, @datasetId, @baseModelId, @recipe, @seed, @state, @folder, @adapterId, @seconds, @tokens, @loss,
       @error, @createdAt, @mode, @parentAdapterId, @settings, @device, @tokensPerSecond, @peakMemoryBytes, @step,
       @steps)`,
  );
  const update = db.prepare(
    `UPDATE training_runs SET state = @state, adapter_id = @adapterId, seconds = @seconds, tokens = @tokens,
       loss = @loss, error = @error, device = @device,
       tokens_per_second = @tokensPerSecond, peak_memory_bytes = @peakMemoryBytes, step = @step, steps = @steps WHERE id = @id`,
  );
  const byId = db.prepare('SELECT * FROM training_runs WHERE id = ?');
  const all = db.prepare('SELECT * FROM training_runs ORDER BY created_at DESC, rowid DESC');
  const open = db.prepare(
    `SELECT * FROM training_runs WHERE state NOT IN ('succeeded', 'failed')
     ORDER BY state = 'running' DESC, created_at DESC, rowid DESC LIMIT 1`,
  );
  const interruptRunning = db.prepare(
    `UPDATE training_runs SET state = 'interrupted' WHERE state IN ('queued', 'running')`,
  );
  return {
    insert: (run: TrainingRun): void => void insert.run(toRow(run)),
    update: (run: TrainingRun): void => void update.run(toRow(run)),
    find: (id: string): TrainingRun | undefined => {
      const found = byId.get(id);
      return found === undefined ? undefined : toRun(found);
    },
    /** The one that runs, or could be gone on with. */
    findOpen: (): TrainingRun | undefined => optional(open.get()),
    /** Newest first. */
    list: (): TrainingRun[] => all.all().map(toRun),
    /** Called once at start-up by the one writer: whatever ran then was killed. */
    markInterrupted: (): number => interruptRunning.run().changes,
  };
}

function optional(found: unknown): TrainingRun | undefined {
  return found === undefined ? undefined : toRun(found);
}

function toRow(run: TrainingRun): Record<string, unknown> {
  return { ...run, error: run.error === null ? null : JSON.stringify(run.error) };
}

function toRun(value: unknown): TrainingRun {
  const found = row.parse(value);
  const { dataset_id, base_model_id, adapter_id, created_at, error, ...rest } = found;
  const { parent_adapter_id, tokens_per_second, peak_memory_bytes, ...others } = rest;
  return trainingRun.parse({
    ...others,
    parentAdapterId: parent_adapter_id,
    tokensPerSecond: tokens_per_second,
    peakMemoryBytes: peak_memory_bytes,
    datasetId: dataset_id,
    baseModelId: base_model_id,
    adapterId: adapter_id,
    createdAt: created_at,
    error: error === null ? null : (JSON.parse(error) as unknown),
  });
}
