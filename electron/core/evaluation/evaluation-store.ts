import type { Database } from 'better-sqlite3';
import {
  armResult,
  verdict,
  type ArmName,
  type ArmResult,
  type Verdict,
} from '../../contract/entities/evaluation.ts';

export type EvaluationRow = {
  readonly id: string;
  readonly adapterId: string | null;
  /** Which questions were asked: `full`, `quick` (after a training), `small` (a first look) or `own`. */
  readonly questionSet: string;
  readonly result: ArmResult;
  readonly verdict: Verdict | null;
  readonly createdAt: number;
  /** Null for those of earlier versions of the app. */
  readonly baseModelId: string | null;
};

export type EvaluationStore = ReturnType<typeof createEvaluationStore>;

type Row = {
  readonly id: string;
  readonly adapter_id: string | null;
  readonly question_set: string;
  readonly result: string;
  readonly verdict: string | null;
  readonly created_at: number;
  readonly base_model_id: string | null;
};

/** Rows of judged arms. */
export function createEvaluationStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO evaluations (id, adapter_id, arm, question_set, result, verdict, created_at, base_model_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const listByAdapter = db.prepare<[string], Row>(
    'SELECT * FROM evaluations WHERE adapter_id = ? ORDER BY created_at DESC, rowid DESC',
  );
  // Only the two numbers are read: a result with all its answers is large.
  const general = db.prepare<[], { adapterId: string; right: number | null; n: number | null }>(
    `SELECT adapter_id AS adapterId, json_extract(result, '$.groups."general-ability".right') AS right,
       json_extract(result, '$.groups."general-ability".n') AS n
     FROM evaluations
     WHERE adapter_id IS NOT NULL AND arm IN ('tuned', 'standalone') AND question_set IN ('full', 'quick')
     ORDER BY created_at, rowid`,
  );
  const newestOfBase = db.prepare<[string, string], Row>(
    `SELECT * FROM evaluations
     WHERE adapter_id IS NULL AND arm = ? AND question_set IN ('full', 'quick') AND base_model_id = ?
     ORDER BY created_at DESC, rowid DESC`,
  );
  return {
    /** Examinations of a base without an adapter, newest first. */
    listByBase: (arm: ArmName, baseModelId: string): EvaluationRow[] =>
      newestOfBase.all(arm, baseModelId).map(toEntity),
    /** Right answers to general questions in the newest examination of each adapter. */
    generalByAdapter: (): ReadonlyMap<string, { right: number; n: number }> => {
      const found = new Map<string, { right: number; n: number }>();
      for (const { adapterId, right, n } of general.all())
        if (right !== null && n !== null) found.set(adapterId, { right, n });
      return found;
    },
    insert: (row: EvaluationRow): void => {
      insert.run(
        row.id,
        row.adapterId,
        row.result.arm,
        row.questionSet,
        JSON.stringify(row.result),
        row.verdict === null ? null : JSON.stringify(row.verdict),
        row.createdAt,
        row.baseModelId,
      );
    },
    /** Newest first. */
    listByAdapter: (adapterId: string): EvaluationRow[] => listByAdapter.all(adapterId).map(toEntity),
  };
}

function toEntity(row: Row): EvaluationRow {
  return {
    id: row.id,
    adapterId: row.adapter_id,
    questionSet: row.question_set,
    result: armResult.parse(JSON.parse(row.result)),
    verdict: row.verdict === null ? null : verdict.parse(JSON.parse(row.verdict)),
    createdAt: row.created_at,
    baseModelId: row.base_model_id,
  };
}
