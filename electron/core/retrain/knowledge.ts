/** Which sentence the standing status says: the first that holds. Pure. */
import type { Job } from '../../contract/entities/job.ts';
import type { KnowledgeState, KnowledgeSummary } from '../../contract/entities/knowledge.ts';
import type { Adapter } from '../../contract/entities/model.ts';

/** What decides the state. */
export type KnowledgeFacts = {
  readonly hasModel: boolean;
  /** The newest training job, whatever became of it. */
  readonly job: Job | undefined;
  readonly facts: KnowledgeSummary['facts'];
  readonly toTeach: number;
  readonly deleted: number;
  readonly rejected: KnowledgeSummary['rejected'];
  readonly failed: KnowledgeSummary['failed'];
  readonly hasVersions: boolean;
};

/**
 * A base first, then what is going on, then what went wrong, then what is to be done. What was deleted comes before a
 * rejected version: it is a rebuild that takes both away.
 */
export function knowledgeStateOf(given: KnowledgeFacts): KnowledgeState {
  const { job, facts } = given;
  if (job !== undefined && isActive(job)) return isTesting(job) ? 'testing' : 'running';
  if (!given.hasModel) return 'no-model';
  if (job?.state === 'paused' || job?.state === 'interrupted') return 'interrupted';
  if (facts.total + facts.retired === 0) return 'empty';
  if (given.failed !== null) return 'failed';
  if (given.deleted > 0) return 'deleted';
  if (given.rejected !== null) return 'rejected';
  if (facts.waiting > 0 && given.toTeach > 0) return 'prompt-full';
  if (given.toTeach > 0) return given.hasVersions ? 'edited' : 'first';
  return 'clean';
}

/** True for a job that runs or is about to. */
export function isActive(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running' || job.state === 'cancelling';
}

/** True while the examination asks its questions. */
export function isTesting(job: Job): boolean {
  return job.progress?.unit === 'questions';
}

/** Why a version did not pass: the first limit that it missed. */
export function whyRejected(adapter: Adapter): string {
  const reasons = adapter.verdict?.reasons ?? [];
  const failed = reasons.find((reason) => reason.startsWith('failed: ')) ?? reasons[0];
  return failed?.replace(/^failed: /u, '') ?? 'no reason is known';
}
