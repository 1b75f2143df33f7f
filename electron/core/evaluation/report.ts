/** The examination of one version, ready to be drawn. Pure. */
import type { Answer, ArmName, Rate } from '../../contract/entities/evaluation.ts';
import type { Fact, Tier } from '../../contract/entities/fact.ts';
import type { EvaluationReport, ReportFailure } from '../../contract/entities/report.ts';
import type { EvaluationRow } from './evaluation-store.ts';
import { mcnemar } from './mcnemar.ts';
import { testGroups, toRate } from './metrics.ts';

export type ReportInput = {
  readonly adapter: Pick<EvaluationReport, 'adapterId' | 'version' | 'verdict'>;
  /** The newest examination of each arm. */
  readonly rows: readonly EvaluationRow[];
  /** Every fact, ended and derived ones included. */
  readonly facts: readonly Fact[];
  /** General questions with a known answer. */
  readonly abilityIds: ReadonlySet<string>;
};

/** From which probability a difference may be chance. */
const chance = 0.05;
const armOrder: readonly ArmName[] = ['base', 'prompt', 'tuned', 'both', 'served', 'standalone'];
/** Questions that steered a training, or stood in it. */
const taughtGroups: ReadonlySet<string> = new Set(['seen', 'probe']);

/** Null where nothing was examined. */
export function buildReport(input: ReportInput): EvaluationReport | null {
  const { rows } = input;
  const [newest] = [...rows].sort((left, right) => right.createdAt - left.createdAt);
  if (newest === undefined) return null;
  const tuned = rows.find(({ result }) => result.arm === 'tuned' || result.arm === 'standalone');
  const answers = tuned?.result.answers ?? [];
  const base = rows.find(({ result }) => result.arm === 'base')?.result.answers ?? [];
  const facts = new Map(input.facts.map((fact) => [fact.id, fact]));
  const handedOver = tuned?.result.routing.handedOver;
  return {
    ...input.adapter,
    createdAt: tuned?.createdAt ?? newest.createdAt,
    arms: rows
      .map(({ result, createdAt }) => ({ arm: result.arm, recall: recallOf(result.answers), createdAt }))
      .filter(({ recall }) => recall.n > 0)
      .sort((left, right) => armOrder.indexOf(left.arm) - armOrder.indexOf(right.arm)),
    cells: cellsOf(answers, facts),
    abstention: tuned?.result.kinds.abstain ?? null,
    general: generalOf(answers, base, input.abilityIds),
    handedOver: handedOver === undefined || handedOver.n === 0 ? null : handedOver,
    againstBase: tuned?.result.againstBase ?? null,
    failures: answers
      .filter((answer) => !answer.right && !taughtGroups.has(answer.group))
      .map((answer) => toFailure(answer, facts)),
  };
}

function recallOf(answers: readonly Answer[]): Rate {
  const asked = answers.filter((answer) => testGroups.includes(answer.group));
  return toRate(asked.filter((answer) => answer.right).length, asked.length);
}

function cellsOf(answers: readonly Answer[], facts: ReadonlyMap<string, Fact>): EvaluationReport['cells'] {
  const cells = new Map<string, { category: string; tier: Tier; right: number; n: number }>();
  for (const answer of answers) {
    const fact = answer.factId === undefined ? undefined : facts.get(answer.factId);
    if (fact === undefined || !testGroups.includes(answer.group)) continue;
    const key = JSON.stringify([fact.category, fact.tier]);
    const cell = cells.get(key) ?? { category: fact.category, tier: fact.tier, right: 0, n: 0 };
    cells.set(key, { ...cell, right: cell.right + (answer.right ? 1 : 0), n: cell.n + 1 });
  }
  return [...cells.values()]
    .map(({ category, tier, right, n }) => ({ category, tier, rate: toRate(right, n) }))
    .sort(
      (left, right) => left.category.localeCompare(right.category) || left.tier.localeCompare(right.tier),
    );
}

/** Both answered the same questions, so that each answer has its partner. */
function generalOf(
  tuned: readonly Answer[],
  base: readonly Answer[],
  abilityIds: ReadonlySet<string>,
): EvaluationReport['general'] {
  const asked = tuned.filter((answer) => abilityIds.has(answer.id));
  if (asked.length === 0) return null;
  const byBase = new Map(base.map((answer) => [answer.id, answer.right]));
  const rateOf = (list: readonly boolean[]): Rate => toRate(list.filter(Boolean).length, list.length);
  const mine = rateOf(asked.map((answer) => answer.right));
  const pairs = asked.flatMap((answer) => {
    const other = byBase.get(answer.id);
    return other === undefined ? [] : [{ tuned: answer.right, base: other }];
  });
  // Without the base's answers to all of them nothing is compared.
  if (pairs.length < asked.length) return { tuned: mine, base: null, couldBeChance: true };
  const lost = pairs.filter((pair) => pair.base && !pair.tuned).length;
  const gained = pairs.filter((pair) => pair.tuned && !pair.base).length;
  return {
    tuned: mine,
    base: rateOf(pairs.map((pair) => pair.base)),
    couldBeChance: mcnemar(lost, gained) >= chance,
  };
}

function toFailure(answer: Answer, facts: ReadonlyMap<string, Fact>): ReportFailure {
  const fact = answer.factId === undefined ? undefined : facts.get(answer.factId);
  // Examinations of earlier versions of the app kept neither.
  const told = fact === undefined || answer.kind !== 'recall' ? [] : [fact.value, ...fact.aliases];
  return {
    questionId: answer.id,
    question: answer.question,
    expected: answer.expected ?? told,
    answered: answer.answer,
    kind: answer.failure ?? 'wrong',
    group: answer.group,
    factId: answer.factId ?? null,
    tier: fact?.tier ?? null,
    category: fact?.category ?? null,
  };
}
