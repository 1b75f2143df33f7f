import { useEffect, useRef } from 'react';
import type { Job } from '../../../electron/contract/entities/job.ts';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes, number, shortDay } from '../../text/format.ts';

export type ExportListProps = { readonly versions: readonly AdapterVersion[] };

const kinds: readonly string[] = ['export', 'merge'];
const endedStates: readonly string[] = ['succeeded', 'failed', 'cancelled'];

/** Exports that are being written, and every file that left the app. */
export function ExportList({ versions: adapters }: ExportListProps) {
  const client = useClient();
  const jobs = useApp((state) => state.jobs);
  const { data, reload } = useQuery(client.adapters.exports, {}, ['adapters']);
  const { versions } = text;
  const own = Object.values(jobs).filter(({ kind }) => kinds.includes(kind));
  const ended = own.filter(({ state }) => endedStates.includes(state)).length;
  const before = useRef(ended);
  useEffect(() => {
    // A job that has ended has added a file.
    if (before.current !== ended) reload();
    before.current = ended;
  }, [ended, reload]);
  const exports = data?.exports ?? [];
  if (own.length === 0 && exports.length === 0) return null;
  return (
    <section className="stack-small" aria-label={versions.exports}>
      <h2>{versions.exports}</h2>
      {own.map((job) => (
        <ExportJob key={job.id} job={job} />
      ))}
      <ul className="exports">
        {exports.map(({ id, adapterId, format, path, exists, createdAt }) => (
          <li key={id}>
            <code>{path}</code>
            <span className="meta">
              {[
                versionName(adapters, adapterId),
                format,
                shortDay(createdAt),
                exists ? null : versions.exportGone,
              ]
                .filter((part) => part !== null)
                .join(' | ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function versionName(adapters: readonly AdapterVersion[], id: string): string | null {
  const found = adapters.find((version) => version.id === id);
  return found === undefined ? null : text.versions.version(found.number);
}

function ExportJob({ job }: { readonly job: Job }) {
  const client = useClient();
  const act = useAct();
  const { versions } = text;
  const { state, progress, error } = job;
  if (state === 'failed' && error !== null) return <ErrorNote error={error} />;
  if (state === 'succeeded') return <Recall result={job.result} />;
  if (state !== 'running' && state !== 'queued') return null;
  const words = (value: number) => (progress?.unit === 'bytes' ? bytes(value) : number(value));
  return (
    <div className="export-job">
      <ProgressBar
        label={progress?.title ?? versions.progress}
        done={progress?.done ?? 0}
        total={progress?.total ?? null}
        words={
          progress === null
            ? text.common.noTimeYet
            : progress.total === null
              ? words(progress.done)
              : text.common.progress(words(progress.done), words(progress.total))
        }
      />
      <Button onPress={() => void act(() => client.jobs.cancel({ jobId: job.id }))}>
        {text.common.cancel}
      </Button>
    </div>
  );
}

/** How the merged file answers beside the version it was made of. */
function Recall({ result }: { readonly result: unknown }) {
  const rates = recallOf(result);
  return rates === null ? null : (
    <p>{text.versions.recallOf(rates.merged.right, rates.merged.n, rates.adapter.right)}</p>
  );
}

type Counted = { readonly right: number; readonly n: number };

function recallOf(result: unknown): { readonly merged: Counted; readonly adapter: Counted } | null {
  if (typeof result !== 'object' || result === null || !('recall' in result)) return null;
  const { recall } = result;
  if (typeof recall !== 'object' || recall === null || !('merged' in recall) || !('adapter' in recall))
    return null;
  const { merged, adapter } = recall;
  return isCounted(merged) && isCounted(adapter) ? { merged, adapter } : null;
}

function isCounted(value: unknown): value is Counted {
  return (
    typeof value === 'object' &&
    value !== null &&
    'right' in value &&
    typeof value.right === 'number' &&
    'n' in value &&
    typeof value.n === 'number'
  );
}
