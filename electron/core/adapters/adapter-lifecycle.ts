/**
 * What may happen to an adapter: a candidate is judged, and only a judged one that passed may answer in chat.
 *
 * candidate -> approved | rejected by a verdict; a later verdict replaces an earlier one. A person may let a candidate
 * or a rejected adapter answer all the same, with a reason that is kept.
 */
import type { Adapter } from '../../contract/entities/model.ts';
import type { Verdict } from '../../contract/entities/evaluation.ts';
import { AppError } from '../../contract/errors.ts';

/** The adapter after its evaluation. A rejection names at least one reason. */
export function judge(adapter: Adapter, verdict: Verdict): Adapter {
  if (!verdict.approved && verdict.reasons.length === 0) {
    throw new AppError('invalid-input', `The rejection of adapter ${adapter.id} names no reason.`);
  }
  return { ...adapter, state: verdict.approved ? 'approved' : 'rejected', verdict };
}

/** True for an adapter that may answer: it passed the gate, or a person overrode the gate and said why. */
export function mayServe(adapter: Adapter): boolean {
  return adapter.state === 'approved' || adapter.override !== null;
}

/** The adapter as it is kept when a person activates it. Throws `invalid-input` when that takes a reason. */
export function toActivated(adapter: Adapter, override?: string): Adapter {
  const reason = override?.trim();
  if (reason === '') {
    throw new AppError('invalid-input', 'The reason for the override is empty.', {
      hint: 'Say in a few words why this adapter shall answer: --override "my reason"',
    });
  }
  if (adapter.state === 'approved') return adapter;
  if (reason !== undefined) return { ...adapter, override: reason };
  if (mayServe(adapter)) return adapter;
  throw new AppError('invalid-input', `Adapter ${adapter.id} ${whyNot(adapter)}`, {
    hint: `To use it all the same: keepsake adapters activate ${adapter.id} --override "my reason"`,
  });
}

/** The adapters of a list (newest first) that an earlier version can be chosen from, newest first. */
export function olderThan(adapters: readonly Adapter[], activeId: string): readonly Adapter[] {
  const index = adapters.findIndex((adapter) => adapter.id === activeId);
  return index === -1 ? adapters : adapters.slice(index + 1);
}

/** True when an adapter was trained on one of the facts. */
export function hasSeen(adapter: Adapter, factIds: ReadonlySet<string>): boolean {
  return adapter.factIds.some((id) => factIds.has(id));
}

function whyNot(adapter: Adapter): string {
  if (adapter.state === 'candidate') return 'was not evaluated yet.';
  return `was rejected: ${adapter.verdict?.reasons.join('; ') ?? 'no reasons are known'}.`;
}
