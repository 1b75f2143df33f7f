import type { Job } from '../../contract/entities/job.ts';
import type { Topic } from '../../contract/events.ts';

const changedByJob: Readonly<Record<Job['kind'], readonly Topic[]>> = {
  train: ['runs', 'adapters', 'evaluations', 'datasets', 'facts'],
  evaluate: ['evaluations', 'adapters', 'facts'],
  import: ['proposals', 'facts'],
  download: ['models'],
  export: ['adapters'],
  merge: ['adapters'],
  'general-answers': [],
};

/** Topics that go with a change of a job: none while it only goes on. */
export function topicsOfJob(job: Job, before: Job['state'] | undefined): readonly Topic[] {
  return job.state === before ? [] : changedByJob[job.kind];
}
