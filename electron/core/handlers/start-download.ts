import type { Job } from '../../contract/entities/job.ts';
import { downloadRequest, type DownloadRequest } from '../../contract/methods.ts';
import type { Services } from '../services.ts';

/**
 * Begins a download or goes on with one: bytes that are there are not asked for again. What is on its way already is not
 * begun twice, and what is being stopped is waited for, since one file has one writer.
 */
export function startDownload(services: Services, request: DownloadRequest): { jobId: string } {
  const { jobs } = services;
  const alike = jobs.listOpen().filter((job) => requestOf(job)?.source === request.source);
  const onItsWay = alike.find(({ state }) => state === 'queued' || state === 'running');
  if (onItsWay !== undefined && isSameWish(requestOf(onItsWay), request)) return { jobId: onItsWay.id };
  const before = alike.find(({ state }) => state === 'cancelling') ?? onItsWay;
  const job = jobs.start({
    kind: 'download',
    lane: 'network',
    params: request,
    pausable: true,
    replaces: (stopped) => requestOf(stopped)?.source === request.source,
    run: async ({ signal, report }) => {
      if (before !== undefined) await ended(before.id, signal);
      return services.downloads.get(request, { signal, report });
    },
  });
  return { jobId: job.id };

  async function ended(id: string, signal: AbortSignal): Promise<void> {
    const changes = jobs.watch(id, signal);
    while ((await changes.next()).done !== true);
    signal.throwIfAborted();
  }
}

/** What a download was asked for; undefined where its row tells nothing or it is another job. */
export function requestOf({ kind, params }: Job): DownloadRequest | undefined {
  return kind === 'download' ? downloadRequest.safeParse(params).data : undefined;
}

/** One that names no hash wants what is on its way. */
function isSameWish(first: DownloadRequest | undefined, second: DownloadRequest): boolean {
  return second.sha256 === undefined || first?.sha256?.toLowerCase() === second.sha256.toLowerCase();
}
