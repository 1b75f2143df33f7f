import type { Database } from 'better-sqlite3';
import { armResult, verdict, type ArmResult, type Verdict } from '../../contract/entities/evaluation.ts';

export type EvaluationRow = {
  readonly id: string;
  readonly adapterId: string | null;
  /** Which questions were asked: `full`, `quick` or `own`. */
  readonly questionSet: string;
  readonly result: ArmResult;
  readonly verdict: Verdict | null;
  readonly createdAt: number;
};

export type EvaluationStore = ReturnType<typeof createEvaluationStore>;

type Row = {
  readonly id: string;
  readonly adapter_id: string | null;
  readonly question_set: string;
  readonly result: string;
  readonly verdict: string | null;
  readonly created_at: number;
};

/** Rows of judged arms. */
export function createEvaluationStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO evaluations (id, adapter_id, arm, question_set, result, verdict, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
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
  return {
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
  };
}
