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
  return {
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
