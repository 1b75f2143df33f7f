/**
 * The endpoint for other programs, inside this process: off unless somebody turned it on, and it ends with the app.
 *
 * Whether it was left on, and its port, are kept: at the next start it listens again, or says why it cannot.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { LocalServer } from '../../contract/entities/local-server.ts';
import { AppError, toAppError } from '../../contract/errors.ts';
import type { HostWork, Listening } from '../dependencies.ts';

const defaultPort = 4517;
const names = { isOn: 'server.on', port: 'server.port' } as const;

export type LocalServerInput = {
  readonly db: Database;
  readonly host: HostWork | undefined;
  readonly complete: Parameters<HostWork['listen']>[0]['complete'];
};

export type LocalServerService = ReturnType<typeof createLocalServer>;

/** Use cases of the local server; changes come one after the other. */
export function createLocalServer({ db, host, complete }: LocalServerInput) {
  const settings = createStore(db);
  let listening: Listening | undefined;
  let problem: string | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  };
  const get = (): LocalServer => ({
    on: listening !== undefined,
    port: listening?.port ?? settings.port(),
    url: listening?.url ?? null,
    key: host?.serverKey.find() ?? null,
    problem,
  });
  const close = async (): Promise<void> => {
    const old = listening;
    listening = undefined;
    await old?.close();
  };
  const open = async (): Promise<void> => {
    if (host === undefined) throw new AppError('conflict', 'This program has no server of its own.');
    const key = host.serverKey.make(false);
    listening = await host.listen({ port: settings.port(), key, complete });
    problem = null;
  };

  return {
    get,
    set: (change: {
      readonly on?: boolean | undefined;
      readonly port?: number | undefined;
    }): Promise<LocalServer> =>
      inTurn(async () => {
        const isOn = change.on ?? listening !== undefined;
        const port = change.port ?? settings.port();
        settings.write({ isOn, port });
        if (!isOn || port !== listening?.port) await close();
        problem = null;
        if (isOn && listening === undefined) await open().catch(tellForPage);
        return get();
      }),
    renewKey: (): Promise<LocalServer> =>
      inTurn(async () => {
        const wasOn = listening !== undefined;
        await close();
        host?.serverKey.make(true);
        if (wasOn) await open().catch(tellForPage);
        return get();
      }),
    /** Listens again if it was left on; what prevents it is told where it is looked for. */
    resume: (): Promise<void> =>
      inTurn(async () => {
        if (!settings.isOn() || listening !== undefined) return;
        await open().catch((error: unknown) => {
          problem = toAppError(error).message;
        });
      }),
    /** Ends what is being answered; it stays left on. */
    dispose: (): Promise<void> => inTurn(close),
  };
}

function tellForPage(error: unknown): never {
  const { code, message } = toAppError(error);
  if (code !== 'conflict') throw error;
  throw new AppError('conflict', message, {
    hint: 'Another program has it. Choose another port.',
    cause: error,
  });
}

const row = z.object({ value: z.string() }).optional();

function createStore(db: Database) {
  const one = db.prepare('SELECT value FROM settings WHERE key = ?');
  const upsert = db.prepare(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const read = (name: string): string | undefined => row.parse(one.get(name))?.value;
  return {
    isOn: (): boolean => read(names.isOn) === 'true',
    port: (): number => {
      const port = Number(read(names.port));
      return Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : defaultPort;
    },
    write: ({ isOn, port }: { readonly isOn: boolean; readonly port: number }): void => {
      upsert.run(names.isOn, String(isOn));
      upsert.run(names.port, String(port));
    },
  };
}
