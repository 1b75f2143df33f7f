import { useCallback } from 'react';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';

/** Adds the facts of a made-up person, with a way back. */
export function useSamplePerson(): () => Promise<unknown> {
  const client = useClient();
  const act = useAct();
  return useCallback(
    () =>
      act(() => client.facts.importSample({}), {
        said: ({ added }) => text.welcome.sampleAdded(added),
        undo: () => client.facts.undo({}),
      }),
    [client, act],
  );
}
