import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { ProbePoint, StepPoint } from '../../contract/entities/run-detail.ts';

/** A probe with the numbers of those that were right, where the worker named them. */
export type ProbeRow = ProbePoint & { readonly rightIds: readonly string[] | null };

/** What a run was set to, and the fact of each probe (null: of none). */
export type RunDetails = {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly probeFacts: readonly (string | null)[];
};

const ids = z.array(z.string());
const pointRow = z.object({ step: z.number(), loss: z.number(), tokens_per_second: z.number() });
const probeRow = z.object({
  step: z.number(),
  right_count: z.number(),
  asked: z.number(),
  right_ids: z.string().nullable(),
});
const detailsRow = z.object({ settings: z.string(), probe_facts: z.string() });

export type CurveStore = ReturnType<typeof createCurveStore>;

/** SQL of the curves of runs. */
export function createCurveStore(db: Database) {
  const insertPoint = db.prepare(
    'INSERT OR REPLACE INTO run_points (run_id, step, loss, tokens_per_second) VALUES (?, ?, ?, ?)',
  );
  const insertProbe = db.prepare(
    'INSERT OR REPLACE INTO run_probes (run_id, step, right_count, asked, right_ids) VALUES (?, ?, ?, ?, ?)',
  );
  const cutPoints = db.prepare('DELETE FROM run_points WHERE run_id = ? AND step >= ?');
  const cutProbes = db.prepare('DELETE FROM run_probes WHERE run_id = ? AND step >= ?');
  const points = db.prepare(
    'SELECT step, loss, tokens_per_second FROM run_points WHERE run_id = ? ORDER BY step',
  );
  const probes = db.prepare(
    'SELECT step, right_count, asked, right_ids FROM run_probes WHERE run_id = ? ORDER BY step',
  );
  const details = db.prepare('SELECT settings, probe_facts FROM run_details WHERE run_id = ?');
  const upsertDetails = db.prepare(
    `INSERT INTO run_details (run_id, settings, probe_facts) VALUES (?, ?, ?)
     ON CONFLICT (run_id) DO UPDATE SET settings = excluded.settings, probe_facts = excluded.probe_facts`,
  );
  const append = db.transaction(
    (runId: string, newPoints: readonly StepPoint[], newProbes: readonly ProbeRow[]) => {
      for (const { step, loss, tokensPerSecond } of newPoints)
        insertPoint.run(runId, step, loss, tokensPerSecond);
      for (const { step, right, asked, rightIds } of newProbes)
        insertProbe.run(runId, step, right, asked, rightIds === null ? null : JSON.stringify(rightIds));
    },
  );
  const cut = db.transaction((runId: string, step: number) => {
    cutPoints.run(runId, step);
    cutProbes.run(runId, step);
  });
  return {
    append: (runId: string, newPoints: readonly StepPoint[], newProbes: readonly ProbeRow[]): void => {
      append.immediate(runId, newPoints, newProbes);
    },
    /** Lets go of what came at a step and after it. */
    cutFrom: (runId: string, step: number): void => {
      cut.immediate(runId, step);
    },
    points: (runId: string): StepPoint[] =>
      points.all(runId).map((value) => {
        const { step, loss, tokens_per_second } = pointRow.parse(value);
        return { step, loss, tokensPerSecond: tokens_per_second };
      }),
    probes: (runId: string): ProbeRow[] =>
      probes.all(runId).map((value) => {
        const { step, right_count, asked, right_ids } = probeRow.parse(value);
        const rightIds = right_ids === null ? null : ids.parse(JSON.parse(right_ids));
        return { step, right: right_count, asked, rightIds };
      }),
    setDetails: (runId: string, { settings, probeFacts }: RunDetails): void => {
      upsertDetails.run(runId, JSON.stringify(settings), JSON.stringify(probeFacts));
    },
    details: (runId: string): RunDetails | undefined => {
      const found = details.get(runId);
      if (found === undefined) return undefined;
      const { settings, probe_facts } = detailsRow.parse(found);
      return {
        settings: z.record(z.string(), z.unknown()).parse(JSON.parse(settings)),
        probeFacts: z.array(z.string().nullable()).parse(JSON.parse(probe_facts)),
      };
    },
  };
}
