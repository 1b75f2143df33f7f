/** Two trainings side by side: what was set otherwise, which facts came out better or worse, and whether by chance. */
import type { Answer } from '../../contract/entities/evaluation.ts';
import type { RunComparison, RunSetting } from '../../contract/entities/run-detail.ts';
import { mcNemar } from '../util/mcnemar.ts';

/** From here on a difference counts as none of chance. */
const significance = 0.05;

/** One side: its settings and its answers to the questions about facts; null where it was never judged. */
export type ComparedRun = {
  readonly settings: readonly RunSetting[];
  readonly answers: readonly Answer[] | null;
};

/** Settings of either side that differ. */
export function differingSettings(
  a: readonly RunSetting[],
  b: readonly RunSetting[],
): RunComparison['settings'] {
  const ofA = new Map(a.map((each) => [each.key, each]));
  const ofB = new Map(b.map((each) => [each.key, each]));
  return [...new Map([...ofA, ...ofB]).values()].flatMap(({ key, label }) => {
    const [left, right] = [ofA.get(key)?.value, ofB.get(key)?.value];
    return left === right ? [] : [{ key, label, a: left ?? 'not known', b: right ?? 'not known' }];
  });
}

/** Facts that both were asked for and one knows better, and the exact test over the questions that both were asked. */
export function compareAnswers(
  a: readonly Answer[],
  b: readonly Answer[],
  statementOf: (factId: string) => string | undefined,
): Pick<RunComparison, 'better' | 'worse' | 'couldBeChance'> {
  const sharesA = sharesByFact(a);
  const differing = [...sharesByFact(b)].flatMap(([factId, right]) => {
    const left = sharesA.get(factId);
    const statement = statementOf(factId);
    if (left === undefined || statement === undefined) return [];
    const change = right.right / right.asked - left.right / left.asked;
    return change === 0 ? [] : [{ factId, statement, a: say(left), b: say(right), change }];
  });
  const toRow = ({ factId, statement, a: left, b: right }: (typeof differing)[number]) => ({
    factId,
    statement,
    a: left,
    b: right,
  });
  const before = new Map(a.map((answer) => [keyOf(answer), answer.right]));
  let gained = 0;
  let lost = 0;
  for (const answer of b) {
    const was = before.get(keyOf(answer));
    if (was === undefined || was === answer.right) continue;
    if (answer.right) gained += 1;
    else lost += 1;
  }
  return {
    better: differing.filter(({ change }) => change > 0).map(toRow),
    worse: differing.filter(({ change }) => change < 0).map(toRow),
    couldBeChance: mcNemar(gained, lost) > significance,
  };
}

/** How many of some answers are right. */
export function countRight(answers: readonly Answer[]): { right: number; asked: number } {
  return { right: answers.filter((answer) => answer.right).length, asked: answers.length };
}

type Share = { readonly right: number; readonly asked: number };

function sharesByFact(answers: readonly Answer[]): ReadonlyMap<string, Share> {
  const shares = new Map<string, Share>();
  for (const { factId, right } of answers) {
    if (factId === undefined) continue;
    const before = shares.get(factId) ?? { right: 0, asked: 0 };
    shares.set(factId, { right: before.right + Number(right), asked: before.asked + 1 });
  }
  return shares;
}

/** The same question in the same words. */
function keyOf({ id, question }: Answer): string {
  return `${id}\n${question}`;
}

function say({ right, asked }: Share): string {
  return `${right} of ${asked}`;
}
