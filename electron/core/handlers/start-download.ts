import type { Job } from '../../contract/entities/job.ts';
import { downloadRequest, type DownloadRequest } from '../../contract/methods.ts';
import type { Services } from '../services.ts';

/** Begins a download or goes on with one: bytes that are there are not asked for again. */
export function startDownload(services: Services, request: DownloadRequest): { jobId: string } {
  const job = services.jobs.start({
    kind: 'download',
    lane: 'network',
    params: request,
    pausable: true,
    replaces: (stopped) => requestOf(stopped)?.source === request.source,
    run: ({ signal, report }) => services.downloads.get(request, { signal, report }),
  });
  return { jobId: job.id };
}

/** What a download was asked for; undefined where its row tells nothing. */
export function requestOf({ params }: Job): DownloadRequest | undefined {
  return downloadRequest.safeParse(params).data;
}
