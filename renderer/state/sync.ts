/** Listens to the core: events say what changed, and what every screen shows is asked for again. */
import type { AppEvent, Topic } from '../../electron/contract/events.ts';
import type { Client } from '../client/connect.ts';
import { addLivePoints, notify, touch, type AppStore } from './store.ts';

const allTopics = Object.keys({
  facts: true,
  proposals: true,
  adapters: true,
  runs: true,
  evaluations: true,
  datasets: true,
  models: true,
  conversations: true,
  profiles: true,
  settings: true,
} satisfies Record<Topic, true>) as Topic[]; // Object.keys forgets the names; the line above lists them all.

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** A summary costs a look at every fact, so that a burst of events asks for it once. */
const summaryPauseMs = 400;

type SyncInput = { readonly client: Client; readonly store: AppStore };

/** Keeps the store true until the returned function is called; a lost stream is opened again, with growing pauses. */
export function keepInSync({ client, store }: SyncInput): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const refreshSummary = coalesce(summaryReader({ client, store }), summaryPauseMs);

  const onEvent = (event: AppEvent) => {
    switch (event.type) {
      case 'hello':
        store.setState({ connection: 'open' });
        touch(store, allTopics);
        void readShared({ client, store });
        void readJobs({ client, store });
        refreshSummary();
        return;
      case 'changed':
        touch(store, event.topics);
        if (event.topics.includes('settings') || event.topics.includes('profiles'))
          void readShared({ client, store });
        refreshSummary();
        return;
      case 'job':
        store.setState(({ jobs }) => ({ jobs: { ...jobs, [event.job.id]: event.job } }));
        refreshSummary();
        return;
      case 'training':
        addLivePoints(store, event);
        refreshSummary();
        return;
    }
  };

  void readShared({ client, store });
  refreshSummary();
  void watch();
  return () => {
    ending.abort();
    refreshSummary.cancel();
  };

  async function watch(): Promise<void> {
    let waitMs = firstWaitMs;
    while (!signal.aborted) {
      try {
        for await (const event of await client.events.watch({}, { signal })) {
          waitMs = firstWaitMs;
          onEvent(event);
        }
      } catch {
        // Told by the state below; what was asked meanwhile tells its own failure.
      }
      // The abort may come while an event is waited for.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
      if (signal.aborted || store.getState().isEnded) return;
      store.setState({ connection: 'lost' });
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
  }
}

/** An answer that comes after that to a later question is old. */
function summaryReader({ client, store }: SyncInput): () => Promise<void> {
  let asked = 0;
  let shown = 0;
  return async () => {
    asked += 1;
    const turn = asked;
    const summary = await client.knowledge.summary({}).catch(() => null);
    if (summary === null || turn < shown) return;
    shown = turn;
    store.setState({ summary });
  };
}

/** What this page has shown of how the app was opened. */
let toldNotice: string | null = null;

async function readShared({ client, store }: SyncInput): Promise<void> {
  const [settings, status] = await Promise.all([
    client.settings.get({}).catch(() => null),
    client.status.get({}).catch(() => null),
  ]);
  if (settings !== null) store.setState({ settings });
  if (status === null) return;
  store.setState({ profileName: status.profile.name });
  if (status.notice !== null && status.notice !== toldNotice) notify(store, status.notice);
  toldNotice = status.notice;
}

async function readJobs({ client, store }: SyncInput): Promise<void> {
  const found = await client.jobs.list({}).catch(() => null);
  if (found === null) return;
  store.setState({ jobs: Object.fromEntries(found.jobs.map((job) => [job.id, job])) });
}

/** Calls at once, then at most once a pause; a call within the pause is made up for at its end. */
function coalesce(work: () => Promise<void>, pauseMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const ask = () => {
    if (timer !== undefined) {
      isWanted = true;
      return;
    }
    isWanted = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) ask();
    }, pauseMs);
    void work();
  };
  return Object.assign(ask, { cancel: () => clearTimeout(timer) });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
