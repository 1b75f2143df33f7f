/** The end of the window: a training that runs is asked about, nothing else is. Whatever the way out, the core is closed. */
import type { Job } from '../../contract/entities/job.ts';
import type { FolderOrder } from '../../core/dependencies.ts';
import type { HostedApp } from '../compose-hosted.ts';
import { performOrder } from '../compose-order.ts';

const live: ReadonlySet<Job['state']> = new Set(['queued', 'running', 'cancelling']);

/** The sign of the hidden window: a plain square of 16 pixels. */
export const trayImage =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPgjsonCTGMahjVMHI1AACENpQBy5bWcQAAAABJRU5ErkJggg==';

/** The question, and the answers in their order. */
export function leavingQuestion() {
  return {
    type: 'question' as const,
    message: 'The model is learning.',
    detail:
      'It can finish without the window. If it stops now, it goes on from its last step at the next start.',
    buttons: ['Finish in the background', 'Stop and keep the checkpoint', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  };
}

/** What is used of the app. */
export type LeavingCore = {
  readonly client: {
    readonly jobs: Pick<HostedApp['client']['jobs'], 'list'>;
    readonly events: Pick<HostedApp['client']['events'], 'watch'>;
  };
  readonly dispose: () => Promise<void>;
  readonly asked?: HostedApp['asked'];
  readonly dataFolder?: string;
};

export type LeavingActions = {
  /** Asks and gives the answer's place in `buttons`. */
  readonly ask: () => Promise<number>;
  /** Leaves the window out of sight with a sign that it is there; `show` takes both back. */
  readonly hide: () => void;
  readonly show: () => void;
  readonly notify: (body: string) => void;
  /** The app is started anew once it has ended. */
  readonly restart?: () => void;
  readonly exit: () => void;
};

export type Leaving = {
  /** The user wants to go. */
  readonly leave: () => Promise<void>;
  /** Stops what runs, keeps its checkpoint, and goes. */
  readonly stop: () => Promise<void>;
  readonly show: () => void;
};

/** Follows the trainings of the core until the app ends. */
export function createLeaving(core: LeavingCore, actions: LeavingActions): Leaving {
  let state: 'open' | 'asking' | 'background' | 'closing' = 'open';

  const isLearning = async (): Promise<boolean> => {
    const { jobs } = await core.client.jobs.list({}).catch(() => ({ jobs: [] }));
    return jobs.some((job) => job.kind === 'train' && live.has(job.state));
  };
  const stop = async (order?: FolderOrder): Promise<void> => {
    if (state === 'closing') return;
    state = 'closing';
    // What is not closed by itself within its time, the system closes with the process.
    await core.dispose().catch(() => undefined);
    // The next start does the one, and what fails of the other, and can say so.
    if (order?.kind === 'restore') actions.restart?.();
    else if (order !== undefined) await performOrder(core.dataFolder, order).catch(() => undefined);
    actions.exit();
  };
  const leave = async (): Promise<void> => {
    if (state !== 'open') return;
    state = 'asking';
    if (!(await isLearning())) return stop();
    const answer = await actions.ask();
    if (answer === 1) return stop();
    state = answer === 0 ? 'background' : 'open';
    if (answer !== 0) return;
    actions.hide();
    // It may have ended while the question stood.
    if (!(await isLearning())) await stop();
  };
  const follow = async (): Promise<void> => {
    for await (const event of await core.client.events.watch({})) {
      if (event.type !== 'job' || event.job.kind !== 'train' || event.job.endedAt === null) continue;
      actions.notify(wordsFor(event.job));
      if (state === 'background' && !(await isLearning())) await stop();
    }
  };
  void core.asked?.then(stop);
  // The stream ends with the core.
  follow().catch(() => undefined);
  return {
    leave,
    stop: () => stop(),
    show: () => {
      if (state === 'background') state = 'open';
      actions.show();
    },
  };
}

function wordsFor(job: Job): string {
  return job.state === 'succeeded'
    ? 'The training has ended.'
    : (job.error?.message ?? 'The training stopped.');
}
