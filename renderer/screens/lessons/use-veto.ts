import { useCallback } from 'react';
import type { Lesson } from '../../../electron/contract/entities/lesson.ts';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';

/** Test questions that it takes to call a fact learned. */
const testsNeeded = 5;

/** Leaves a lesson out, or lets it back in; says what a test less means. */
export function useVeto(): (lesson: Lesson) => Promise<unknown> {
  const client = useClient();
  const act = useAct();
  return useCallback(
    ({ id, vetoed }) =>
      act(() => client.lessons.veto({ id, vetoed: !vetoed }), {
        said: (result) =>
          [
            result.vetoed ? text.lessons.vetoSaid : text.lessons.unvetoSaid,
            ...(result.testsLeft === null ? [] : [text.lessons.testsLeft(result.testsLeft, testsNeeded)]),
          ].join(' '),
        undo: () => client.lessons.veto({ id, vetoed }),
      }),
    [client, act],
  );
}
