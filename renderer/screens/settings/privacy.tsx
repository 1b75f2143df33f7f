import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { clockTime, day } from '../../text/format.ts';

/** Every connection that this app ever made. */
export function Privacy() {
  const client = useClient();
  const { data, error, reload } = useQuery(client.machine.connections, {}, ['models']);
  const words = text.settings;
  const { connectionColumns: columns } = words;
  return (
    <>
      <p className="prose">{words.privacyWords}</p>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={words.reading} />}
      {data?.connections.length === 0 && <p className="muted">{words.noConnections}</p>}
      {data !== undefined && data.connections.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={words.connections}>
          <table className="data-table">
            <thead>
              <tr>
                <th>{columns.at}</th>
                <th>{columns.host}</th>
                <th>{columns.purpose}</th>
              </tr>
            </thead>
            <tbody>
              {data.connections.map(({ at, host, purpose }, index) => (
                <tr key={index}>
                  <td>
                    {day(at)}, {clockTime(at)}
                  </td>
                  <td>{host}</td>
                  <td>{purpose}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

const parts: readonly (readonly [name: string, licence: string])[] = [
  ['llama.cpp, ggml', 'MIT'],
  ['node-llama-cpp', 'MIT'],
  ['SQLite, better-sqlite3', 'public domain, MIT'],
  ['Electron', 'MIT'],
  ['React, React Aria', 'MIT, Apache-2.0'],
  ['oRPC, zod, zustand, wouter', 'MIT'],
  ['uPlot, lucide', 'MIT, ISC'],
];

/** What the app is built on. */
export function Licences() {
  const words = text.settings;
  return (
    <>
      <p className="prose">{words.licencesWords}</p>
      <dl className="licence-list">
        {parts.map(([name, licence]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="muted">{licence}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">{words.modelLicences}</p>
    </>
  );
}
