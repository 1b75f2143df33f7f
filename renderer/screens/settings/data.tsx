import { useState } from 'react';
import type { Backup } from '../../../electron/contract/entities/backup.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { useAct, useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes, clockTime, day } from '../../text/format.ts';
import { AskDialog } from './ask-dialog.tsx';
import { Deletions } from './deletions.tsx';

/** Where everything lies, its copies, the way out, and the way to be rid of it. */
export function Data() {
  const client = useClient();
  const folder = useQuery(client.machine.get, {}, []).data?.dataFolder;
  const words = text.settings;
  return (
    <>
      <div>
        <h3>{words.dataFolder}</h3>
        <p className="path">{folder ?? text.common.reading(words.dataFolder.toLowerCase())}</p>
      </div>
      <Export />
      <Backups />
      <Deletions />
    </>
  );
}

function Export() {
  const client = useClient();
  const act = useAct();
  const words = text.settings;
  const save = (format: 'json' | 'csv') =>
    void act(
      async () => {
        const { text: content, count } = await client.facts.export({ format });
        download(`keepsake-facts.${format}`, content);
        return count;
      },
      { said: (count) => words.exported(count) },
    );
  return (
    <div className="stack-small">
      <h3>{words.exportFacts}</h3>
      <p className="muted">{words.exportWords}</p>
      <div className="line">
        <Button onPress={() => save('json')}>{words.exportJson}</Button>
        <Button onPress={() => save('csv')}>{words.exportCsv}</Button>
      </div>
    </div>
  );
}

function download(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

function Backups() {
  const client = useClient();
  const { data, error, reload } = useQuery(client.backups.list, {}, ['settings']);
  const words = text.settings;
  const { backupColumns: columns } = words;
  const store = useAppStore();
  const act = useAct();
  const [asked, setAsked] = useState<Backup | null>(null);
  const restore = async ({ id }: Backup) => {
    const done = await act(() => client.backups.restore({ id }), { said: words.restoring });
    if (done === undefined) return;
    // The app comes back with other data: nothing of this page's stays.
    let isGone = false;
    store.subscribe(({ connection }) => {
      if (connection === 'lost') isGone = true;
      else if (isGone) location.reload();
    });
  };
  return (
    <div className="stack-small">
      <h3>{words.backups}</h3>
      <p className="muted prose">{words.backupsWords}</p>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data?.backups.length === 0 && <p className="muted">{words.noBackups}</p>}
      {data !== undefined && data.backups.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={words.backups}>
          <table className="data-table">
            <thead>
              <tr>
                <th>{columns.at}</th>
                <th>{columns.what}</th>
                <th>{columns.why}</th>
                <th className="number">{columns.size}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.backups.map((backup) => (
                <tr key={backup.id}>
                  <td>{whenOf(backup)}</td>
                  <td>{words.backupDatabases[backup.database]}</td>
                  <td>{words.backupReasons[backup.reason]}</td>
                  <td className="number">{bytes(backup.sizeBytes)}</td>
                  <td>
                    <Button onPress={() => setAsked(backup)} aria-label={words.restoreName(whenOf(backup))}>
                      {words.restore}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked !== null && (
        <AskDialog
          title={words.restoreTitle(whenOf(asked))}
          words={words.restoreWords}
          act={words.restore}
          onClose={() => setAsked(null)}
          onAct={() => void restore(asked)}
        />
      )}
    </div>
  );
}

const whenOf = ({ createdAt }: Backup): string => `${day(createdAt)}, ${clockTime(createdAt)}`;
