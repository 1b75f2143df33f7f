/** Asks the core and keeps the answer true: asks again when a topic of it has changed. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../electron/contract/errors.ts';
import { toAppError } from '../../electron/contract/errors.ts';
import type { Topic } from '../../electron/contract/events.ts';
import { askAgain } from './ask-again.ts';
import { nameError } from './name-error.ts';
import { useApp } from './use-app.ts';

export type Query<Result> = {
  /** The last answer; it stays while a newer one is waited for, and after a failure. */
  readonly data: Result | undefined;
  readonly error: AppError | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
};

type Method<Input, Result> = (input: Input, options: { readonly signal: AbortSignal }) => Promise<Result>;

type Answer<Result> = { readonly key: string; readonly data?: Result; readonly error: AppError | null };

/**
 * The answer of a method.
 *
 * `null` asks nothing. A changed input asks anew and keeps the old answer until then; with `keepsOld: false` it is
 * dropped at once (another thing is shown, not another view of the same).
 */
export function useQuery<Input, Result>(
  method: Method<Input, Result>,
  input: Input | null,
  topics: readonly Topic[],
  { keepsOld = true }: { readonly keepsOld?: boolean } = {},
): Query<Result> {
  const changes = useApp((state) => topics.reduce((sum, topic) => sum + (state.topics[topic] ?? 0), 0));
  const [reloads, setReloads] = useState(0);
  const [answer, setAnswer] = useState<Answer<Result> | null>(null);
  const [settledKey, setSettledKey] = useState<string | null>(null);
  const key = input === null ? null : JSON.stringify(input);
  const asked = useRef({ method, input });
  useEffect(() => {
    asked.current = { method, input };
  });

  useEffect(() => {
    if (key === null) return undefined;
    const { method: ask, input: what } = asked.current;
    if (what === null) return undefined;
    const leaving = new AbortController();
    askAgain(() => ask(what, { signal: leaving.signal }), leaving.signal).then(
      (data) => {
        if (leaving.signal.aborted) return;
        setAnswer({ key, data, error: null });
        setSettledKey(key);
      },
      (error: unknown) => {
        if (leaving.signal.aborted || toAppError(error).code === 'cancelled') return;
        setAnswer((before) => ({ ...(before ?? { key }), error: nameError(error) }));
        setSettledKey(key);
      },
    );
    return () => leaving.abort();
  }, [key, changes, reloads]);

  const reload = useCallback(() => setReloads((before) => before + 1), []);
  const shown = answer !== null && (keepsOld || answer.key === key) ? answer : null;
  return {
    data: key === null ? undefined : shown?.data,
    error: shown?.error ?? null,
    isLoading: key !== null && settledKey !== key,
    reload,
  };
}
