import { useEffect, useRef, useState } from 'react';
import type { Job } from '../../../electron/contract/entities/job.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { duration } from '../../text/format.ts';
import { shownDownloads, wishOf } from '../models/downloads.ts';

/** Downloads that run, wait or failed, with what can be done. */
export function Downloads() {
  const jobs = useApp((state) => state.jobs);
  const shown = shownDownloads(Object.values(jobs));
  if (shown.length === 0) return null;
  return (
    <ul className="stack">
      {shown.map(({ job }) => (
        <li key={job.id} className="card">
          <DownloadLine job={job} />
        </li>
      ))}
    </ul>
  );
}

function DownloadLine({ job }: { readonly job: Job }) {
  const client = useClient();
  const act = useAct();
  const left = useTimeLeft(job);
  const { welcome } = text;
  const resume = () => void act(() => client.jobs.resume({ jobId: job.id }));
  const { progress } = job;
  const isRunning = job.state === 'running' || job.state === 'queued';
  return (
    <div className="stack-small">
      <ProgressBar
        label={progress?.title ?? welcome.downloading('')}
        done={progress?.done ?? 0}
        total={progress?.total ?? null}
        words={welcome.downloadWords(progress?.done ?? 0, progress?.total ?? null, left)}
      />
      {job.error !== null && (job.state === 'failed' || job.state === 'interrupted') && (
        <FailedDownload job={job} error={job.error} />
      )}
      <div className="line">
        {isRunning ? (
          <Button onPress={() => void act(() => client.jobs.pause({ jobId: job.id }))}>
            {welcome.pause}
          </Button>
        ) : (
          job.error === null && <Button onPress={resume}>{welcome.resume}</Button>
        )}
        {job.state !== 'failed' && (
          <Button kind="quiet" onPress={() => void act(() => client.jobs.cancel({ jobId: job.id }))}>
            {text.common.cancel}
          </Button>
        )}
      </div>
    </div>
  );
}

function FailedDownload({ job, error }: { readonly job: Job; readonly error: NonNullable<Job['error']> }) {
  const client = useClient();
  const act = useAct();
  const wish = wishOf(job);
  const isCorrupt = error.code === 'download-corrupt';
  const again = (): void => {
    if (job.state === 'interrupted') void act(() => client.jobs.resume({ jobId: job.id }));
    else if (wish !== null) void act(() => client.models.get(wish));
  };
  return (
    <ErrorNote
      error={isCorrupt ? { code: error.code, message: text.models.corrupt } : error}
      {...(!isCorrupt && { safe: text.welcome.downloadStopped })}
      onRetry={again}
    />
  );
}

/** The time that is left by the speed since the page has watched. */
function useTimeLeft({ progress, state }: Job): string {
  const first = useRef<{ readonly at: number; readonly done: number } | null>(null);
  const [words, setWords] = useState<string>(text.common.noTimeYet);
  const done = progress?.done ?? 0;
  const total = progress?.total ?? null;
  useEffect(() => {
    if (state !== 'running' || total === null) return;
    const now = Date.now();
    first.current ??= { at: now, done };
    const seconds = (now - first.current.at) / 1000;
    const speed = seconds > 2 ? (done - first.current.done) / seconds : 0;
    setWords(speed > 0 ? `${duration((total - done) / speed)} left` : text.common.noTimeYet);
  }, [done, total, state]);
  return words;
}
