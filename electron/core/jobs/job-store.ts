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
export function createJobStore(db: Database, profileId: string | null) {
  const insert = db.prepare(
    `INSERT INTO jobs (id, kind, state, params, progress, error, created_at, started_at, ended_at, profile_id)
     VALUES (@id, @kind, @state, @params, @progress, @error, @createdAt, @startedAt, @endedAt, @profileId)`,
  );
  const update = db.prepare(
    `UPDATE jobs SET state = @state, progress = @progress, error = @error,
       started_at = @startedAt, ended_at = @endedAt WHERE id = @id`,
  );
  const byId = db.prepare('SELECT * FROM jobs WHERE id = ? AND (profile_id IS NULL OR profile_id = ?)');
  const isOpen = `state NOT IN ('succeeded', 'failed', 'cancelled')`;
  const openOfAll = db.prepare(`SELECT * FROM jobs WHERE ${isOpen} ORDER BY created_at DESC, rowid DESC`);
  const open = db.prepare(
    `SELECT * FROM jobs WHERE ${isOpen} AND (profile_id IS NULL OR profile_id = ?)
     ORDER BY created_at DESC, rowid DESC`,
  );
  const newest = db.prepare(
    `SELECT * FROM jobs WHERE kind = ? AND (profile_id IS NULL OR profile_id = ?)
     ORDER BY created_at DESC, rowid DESC LIMIT 1`,
  );
  return {
    findNewest: (kind: Job['kind']): Job | undefined => {
      const found = newest.get(kind, profileId);
      return found === undefined ? undefined : toJob(found);
    },
    insert: (entity: Job): void => {
      insert.run({
        ...toChanges(entity),
        kind: entity.kind,
        params: JSON.stringify(entity.params ?? null),
        createdAt: entity.createdAt,
        profileId,
      });
    },
    update: (entity: Job): void => {
      update.run(toChanges(entity));
    },
    find: (id: string): Job | undefined => {
      const found = byId.get(id, profileId);
      return found === undefined ? undefined : toJob(found);
    },
    /** Those of the profile and those of none, newest first. */
    listOpen: (): Job[] => open.all(profileId).map(toJob),
    listOpenOfAll: (): Job[] => openOfAll.all().map(toJob),
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
