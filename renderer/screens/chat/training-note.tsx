import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';

/** True while a training has the memory for itself. */
export function useIsChatShut(): boolean {
  return useApp(({ summary }) => isLearning(summary?.state) && summary?.sharing === 'exclusive');
}

const isLearning = (state: string | undefined): boolean => state === 'running' || state === 'testing';

/** What a training means for chat: slower beside it, or a pause first. */
export function TrainingNote() {
  const client = useClient();
  const act = useAct();
  const summary = useApp((state) => state.summary);
  const isShut = useIsChatShut();
  const [pausedJob, setPausedJob] = useState<string | null>(null);
  const { chat } = text;
  if (!isLearning(summary?.state)) return null;
  if (!isShut) return <p className="meta composer-line">{chat.slower}</p>;
  const jobId = summary?.job?.jobId ?? null;
  return (
    <Note
      action={
        jobId !== null && (
          <Button
            kind="primary"
            isDisabled={pausedJob === jobId}
            onPress={() => {
              setPausedJob(jobId);
              void act(() => client.jobs.pause({ jobId })).then((done) => {
                if (done === undefined) setPausedJob(null);
              });
            }}
          >
            {pausedJob === jobId ? chat.pausing : chat.pauseAndChat}
          </Button>
        )
      }
    >
      {chat.learning(summary?.job?.step ?? null)}
    </Note>
  );
}
