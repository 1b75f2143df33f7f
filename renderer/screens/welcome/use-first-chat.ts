import { useCallback, useEffect, useRef, useState } from 'react';
import { toAppError, type AppError } from '../../../electron/contract/errors.ts';
import { nameError } from '../../state/name-error.ts';
import { useClient } from '../../state/use-app.ts';

export type Exchange = {
  readonly question: string;
  readonly tuned: string;
  readonly base: string;
  readonly isDone: boolean;
};

/** A conversation whose questions are answered by both arms; it is kept as any other. */
export function useFirstChat() {
  const client = useClient();
  const conversationId = useRef('new');
  const leaving = useRef<AbortController | null>(null);
  const [exchanges, setExchanges] = useState<readonly Exchange[]>([]);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);

  const ask = useCallback(
    async (question: string): Promise<void> => {
      const ending = new AbortController();
      leaving.current = ending;
      const change = (with_: (before: Exchange) => Partial<Exchange>) =>
        setExchanges((all) =>
          all.map((one) => (one.question === question ? { ...one, ...with_(one) } : one)),
        );
      setExchanges((before) => [...before, { question, tuned: '', base: '', isDone: false }]);
      setIsBusy(true);
      setError(null);
      try {
        const events = await client.chat.send(
          { question, conversationId: conversationId.current, compare: true },
          { signal: ending.signal },
        );
        for await (const event of events) {
          if (event.type === 'kept') conversationId.current = event.conversation.id;
          else if (event.type === 'text')
            change((one) =>
              event.arm === 'base' ? { base: one.base + event.text } : { tuned: one.tuned + event.text },
            );
          else
            change(() =>
              event.arm === 'base' ? { base: event.answer.answer } : { tuned: event.answer.answer },
            );
        }
      } catch (problem) {
        if (toAppError(problem).code !== 'cancelled') setError(nameError(problem));
      } finally {
        change(() => ({ isDone: true }));
        setIsBusy(false);
      }
    },
    [client],
  );

  return { exchanges, ask, isBusy, error };
}
