/** Reports of what was examined: gathers the newest examination of each arm. */
import type { Database } from 'better-sqlite3';
import type { ArmName } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { EvaluationReport } from '../../contract/entities/report.ts';
import type { Benchmarks } from './benchmarks.ts';
import { createEvaluationStore, type EvaluationRow } from './evaluation-store.ts';
import { buildReport } from './report.ts';

export type ReportServiceInput = {
  readonly db: Database;
  readonly listFacts: () => readonly Fact[];
  /** The named adapter (throws `not-found`); undefined: the active one, else the newest. */
  readonly findAdapter: (id: string | undefined) => Adapter | undefined;
  readonly versionOf: (adapterId: string) => number | null;
  /** The base to report on where no adapter was made yet. */
  readonly findBaseId: () => string | undefined;
  readonly loadBenchmarks: () => Benchmarks;
};

/** Own questions are no examination. */
const examinations: ReadonlySet<string> = new Set(['full', 'quick']);
const baseArms: readonly ArmName[] = ['base', 'prompt'];

/** Creates the reader over one profile. */
export function createReportService(input: ReportServiceInput) {
  const store = createEvaluationStore(input.db);

  return (adapterId: string | undefined): EvaluationReport | null => {
    const adapter = input.findAdapter(adapterId);
    const baseId = adapter?.baseModelId ?? input.findBaseId();
    const all = adapter === undefined ? [] : store.listByAdapter(adapter.id);
    const proper = all.filter(({ questionSet }) => examinations.has(questionSet));
    // A first look is better than nothing; its small numbers show what it is worth.
    const ofAdapter = proper.length > 0 ? proper : all.filter(({ questionSet }) => questionSet === 'small');
    const ofBase = baseId === undefined ? [] : baseArms.flatMap((arm) => store.listByBase(arm, baseId));
    return buildReport({
      adapter: {
        adapterId: adapter?.id ?? null,
        version: adapter === undefined ? null : input.versionOf(adapter.id),
        verdict: adapter?.verdict ?? null,
      },
      rows: newestOfEach([...ofAdapter, ...ofBase]),
      facts: input.listFacts(),
      abilityIds: new Set(
        input.loadBenchmarks().general.flatMap((each) => (each.expected.length > 0 ? [each.id] : [])),
      ),
    });
  };
}

/** Of each arm the newest; a full examination of a base is worth more than a newer one of general questions alone. */
function newestOfEach(rows: readonly EvaluationRow[]): EvaluationRow[] {
  const found = new Map<string, EvaluationRow>();
  for (const row of rows) {
    const { arm } = row.result;
    const known = found.get(arm);
    const isFuller = arm === 'base' && known?.questionSet === 'quick' && row.questionSet === 'full';
    if (known === undefined || isFuller) found.set(arm, row);
  }
  return [...found.values()];
}
