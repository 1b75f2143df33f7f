/** A list of every connection that the app opened to another machine, so that its owner can see that there is no other. */
import type { Database } from 'better-sqlite3';
import { basename } from 'node:path';
import { connection, type Connection } from '../../contract/entities/settings.ts';
import type { Clock, Downloader } from '../dependencies.ts';

/** How many are kept. */
const kept = 1000;

export type Connections = ReturnType<typeof createConnections>;

/** The list, kept in app.db. */
export function createConnections({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  const insert = db.prepare('INSERT INTO connections (at, host, purpose) VALUES (?, ?, ?)');
  const trim = db.prepare(
    `DELETE FROM connections WHERE id <= (SELECT id FROM connections ORDER BY id DESC LIMIT 1 OFFSET ${kept})`,
  );
  const all = db.prepare('SELECT at, host, purpose FROM connections ORDER BY id DESC');

  const record = (host: string, purpose: string): void => {
    try {
      insert.run(clock.now(), host, purpose);
      trim.run();
    } catch {
      // A disk that is full, or a process that may not write, ends no download.
    }
  };

  return {
    record,
    /** Newest first. */
    list: (): Connection[] => all.all().map((each) => connection.parse(each)),
    /** A downloader whose connections stand in the list, those of redirects included. */
    recording: (downloader: Downloader): Downloader => ({
      download: (request, options) =>
        downloader.download(request, {
          ...options,
          onConnect: (host) => record(host, `get the model ${basename(request.file)}`),
        }),
      readJson: (url, options) =>
        downloader.readJson(url, {
          ...options,
          onConnect: (host) => record(host, 'search for models'),
        }),
    }),
  };
}
