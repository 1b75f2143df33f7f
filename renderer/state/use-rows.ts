/** A long list page by page: the first rows at once, more as they come near, all again when a topic has changed. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { toAppError, type AppError } from '../../electron/contract/errors.ts';
import type { Topic } from '../../electron/contract/events.ts';
import { askAgain } from './ask-again.ts';
import { nameError } from './name-error.ts';
import { useApp } from './use-app.ts';

export type RowPage<Row> = {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly nextCursor: string | null;
};

export type PageRequest = { readonly limit: number; readonly cursor?: string };

export type Rows<Row> = {
  readonly rows: readonly Row[];
  readonly total: number;
  /** Before the first answer for this input; the rows are still those of the last one. */
  readonly isLoading: boolean;
  readonly error: AppError | null;
  readonly reload: () => void;
  /** Asks for rows up to that many. */
  readonly need: (rows: number) => void;
};

const firstRows = 100;

/**
 * The rows of a list. `ask` is given the page that is wanted; `key` says what list it is (its filters in words).
 *
 * `largestPage` bounds one request; a list that was read further than that is read up to it after a change.
 */
export function useRows<Row>(
  key: string,
  ask: (page: PageRequest, signal: AbortSignal) => Promise<RowPage<Row>>,
  topics: readonly Topic[],
  { largestPage = 1000 }: { readonly largestPage?: number } = {},
): Rows<Row> {
  const changes = useApp((state) => topics.reduce((sum, topic) => sum + (state.topics[topic] ?? 0), 0));
  const [reloads, setReloads] = useState(0);
  const [shown, setShown] = useState<(RowPage<Row> & { readonly key: string }) | null>(null);
  const [settledKey, setSettledKey] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const latest = useRef({ ask, shown });
  const isReadingOn = useRef(false);
  useEffect(() => {
    latest.current = { ask, shown };
  });

  useEffect(() => {
    const leaving = new AbortController();
    const before = latest.current.shown;
    const wanted = before?.key === key ? before.rows.length : 0;
    const limit = Math.min(Math.max(firstRows, wanted), largestPage);
    askAgain(() => latest.current.ask({ limit }, leaving.signal), leaving.signal).then(
      (page) => {
        if (leaving.signal.aborted) return;
        setShown({ ...page, key });
        setError(null);
        setSettledKey(key);
      },
      (problem: unknown) => {
        if (leaving.signal.aborted || toAppError(problem).code === 'cancelled') return;
        setError(nameError(problem));
        setSettledKey(key);
      },
    );
    return () => leaving.abort();
  }, [key, changes, reloads, largestPage]);

  const need = useCallback(
    (rows: number) => {
      const now = latest.current.shown;
      const cursor = now?.nextCursor ?? null;
      if (now === null || cursor === null || rows <= now.rows.length || isReadingOn.current) return;
      isReadingOn.current = true;
      const limit = Math.min(Math.max(firstRows, rows - now.rows.length), largestPage);
      void latest.current
        .ask({ limit, cursor }, new AbortController().signal)
        .then(
          (page) =>
            setShown((current) =>
              current === now ? { ...page, key: now.key, rows: [...now.rows, ...page.rows] } : current,
            ),
          (problem: unknown) => setError(nameError(problem)),
        )
        .finally(() => {
          isReadingOn.current = false;
        });
    },
    [largestPage],
  );
  const reload = useCallback(() => setReloads((before) => before + 1), []);

  return {
    rows: shown?.rows ?? noRows,
    total: shown?.total ?? 0,
    isLoading: settledKey !== key,
    error,
    reload,
    need,
  };
}

const noRows: readonly never[] = [];
