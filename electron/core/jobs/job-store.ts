import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { job, jobState, type Job } from '../../contract/entities/job.ts';

const json = z
  .string()
  .nullable()
  .transform((text) => (text === null ? null : (JSON.parse(text) as unknown)));

const row = z.object({
  id: z.string(),
  kind: z.string(),
  state: jobState,
  params: json,
  progress: json,
  error: json,
  created_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
});

export type JobStore = ReturnType<typeof createJobStore>;

/** SQL of the jobs in app.db. Results are not written down: see the service. */
export function createJobStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO jobs (id, kind, state, params, progress, error, created_at, started_at, ended_at)
     VALUES (@id, @kind, @state, @params, @progress, @error, @createdAt, @startedAt, @endedAt)`,
  );
  const update = db.prepare(
    `UPDATE jobs SET state = @state, progress = @progress, error = @error,
       started_at = @startedAt, ended_at = @endedAt WHERE id = @id`,
  );
  const byId = db.prepare('SELECT * FROM jobs WHERE id = ?');
  const open = db.prepare(
    `SELECT * FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled') ORDER BY created_at DESC, rowid DESC`,
  );
  return {
    insert: (entity: Job): void => {
      insert.run({
        ...toChanges(entity),
        kind: entity.kind,
        params: JSON.stringify(entity.params ?? null),
        createdAt: entity.createdAt,
      });
    },
    update: (entity: Job): void => {
      update.run(toChanges(entity));
    },
    find: (id: string): Job | undefined => {
      const found = byId.get(id);
      return found === undefined ? undefined : toJob(found);
    },
    /** Newest first. */
    listOpen: (): Job[] => open.all().map(toJob),
  };
}

function toChanges({ id, state, progress, error, startedAt, endedAt }: Job): Record<string, unknown> {
  return {
    id,
    state,
    progress: toText(progress),
    error: toText(error),
    startedAt,
    endedAt,
  };
}

function toText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function toJob(value: unknown): Job {
  const { created_at, started_at, ended_at, ...rest } = row.parse(value);
  return job.parse({
    ...rest,
    createdAt: created_at,
    startedAt: started_at,
    endedAt: ended_at,
  });
}
