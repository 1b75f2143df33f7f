/**
 * Undo and redo of a change of facts, seen from what was trained meanwhile.
 *
 * A step that takes facts away which an adapter has learnt would leave them in its weights alone, out of reach of
 * forgetting. It is refused, unless the adapters may go with them.
 */
import type { FactChange } from '../../contract/entities/fact-list.ts';
import { AppError } from '../../contract/errors.ts';
import { forgetTraces, unlearnNeverTrained, type ForgetInput } from './forget.ts';

export type StepResult = {
  readonly change: FactChange;
  readonly destroyedAdapters?: string[];
  readonly rebuildNeeded?: boolean;
  readonly discardedRuns?: number;
};

/** Undoes or redoes one change. Throws `conflict` where there is none, or where adapters would have to go. */
export async function stepFacts(
  input: ForgetInput,
  direction: 'undo' | 'redo',
  options: { readonly unlearn?: boolean | undefined },
): Promise<StepResult> {
  const { removedIds } = input.facts.history.plan(direction);
  const removed = new Set(removedIds);
  const learnt = input.adapters.list().filter((adapter) => adapter.factIds.some((id) => removed.has(id)));
  if (learnt.length > 0 && options.unlearn !== true) {
    throw new AppError(
      'conflict',
      `This change cannot be taken back as it is: ${learnt.length === 1 ? 'an adapter has' : `${learnt.length} adapters have`} learnt what it told.`,
      { hint: `To destroy those adapters with it: keepsake facts ${direction} --unlearn` },
    );
  }
  const before = await forgetTraces(input, removedIds);
  const done = input.facts.history.step(direction);
  // What is never to be trained again leaves what learnt it meanwhile.
  const after = await unlearnNeverTrained(input);
  const last = after ?? before;
  if (last === null) return { change: done };
  return {
    change: done,
    destroyedAdapters: [...(before?.destroyedAdapters ?? []), ...(after?.destroyedAdapters ?? [])],
    rebuildNeeded: last.rebuildNeeded,
    discardedRuns: (before?.discardedRuns ?? 0) + (after?.discardedRuns ?? 0),
  };
}
