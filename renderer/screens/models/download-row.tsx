import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { secondsLeft, wishOf, type Download } from './downloads.ts';

export type DownloadRowProps = { readonly name: string; readonly download: Download };

/** A model on its way: how far, how long, and how to hold it. */
export function DownloadRow({ name, download: { job, source } }: DownloadRowProps) {
  const client = useClient();
  const act = useAct();
  const { models } = text;
  const { state, progress, error, id: jobId } = job;
  const done = progress?.unit === 'bytes' ? progress.done : null;
  const total = progress?.unit === 'bytes' ? progress.total : null;
  const canGoOn = state === 'paused' || state === 'interrupted';
  if (state === 'failed' && error !== null) {
    const shown = error.code === 'download-corrupt' ? { code: error.code, message: models.corrupt } : error;
    return (
      <ErrorNote error={shown} onRetry={() => void act(() => client.models.get(wishOf(job) ?? { source }))} />
    );
  }
  const left = secondsLeft(job, job.startedAt === null ? 0 : Date.now());
  return (
    <div className="download">
      {canGoOn ? (
        <p>
          <strong>{name}</strong> {state === 'paused' ? models.paused(done, total) : models.lost(done, total)}
        </p>
      ) : (
        <ProgressBar
          label={models.downloading(name)}
          done={done ?? 0}
          total={total}
          words={
            done === null
              ? (progress?.title ?? text.common.noTimeYet)
              : [
                  models.progress(done, total),
                  left === null ? text.common.noTimeYet : models.left(left),
                ].join(', ')
          }
        />
      )}
      <div className="line">
        {canGoOn ? (
          <Button onPress={() => void act(() => client.jobs.resume({ jobId }))}>{models.resume}</Button>
        ) : (
          <Button onPress={() => void act(() => client.jobs.pause({ jobId }))}>{models.pause}</Button>
        )}
        <Button kind="quiet" onPress={() => void act(() => client.jobs.cancel({ jobId }))}>
          {models.cancel}
        </Button>
      </div>
    </div>
  );
}
