import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes, clockTime, day } from '../../text/format.ts';

/** Where everything lies, its copies, the way out, and the way to be rid of it. */
export function Data() {
  const client = useClient();
  const folder = useQuery(client.machine.get, {}, []).data?.dataFolder;
  const words = text.settings;
  return (
    <>
      <div>
        <h3>{words.dataFolder}</h3>
        <p className="path">{folder ?? text.common.unknown}</p>
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
  return (
    <div className="stack-small">
      <h3>{words.backups}</h3>
      <p className="muted">
        {words.backupsWords} {words.restoreHow} <code>{words.restoreCommand}</code>
      </p>
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
              </tr>
            </thead>
            <tbody>
              {data.backups.map(({ id, createdAt, database, reason, sizeBytes }) => (
                <tr key={id}>
                  <td>
                    {day(createdAt)}, {clockTime(createdAt)}
                  </td>
                  <td>{words.backupDatabases[database]}</td>
                  <td>{words.backupReasons[reason]}</td>
                  <td className="number">{bytes(sizeBytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Deletions() {
  const client = useClient();
  const act = useAct();
  const [asked, setAsked] = useState<'conversations' | 'history' | null>(null);
  const words = text.settings;
  const close = () => setAsked(null);
  const isConversations = asked === 'conversations';
  return (
    <div className="stack-small">
      <h3>{words.deleteTitle}</h3>
      <div className="line">
        <Button onPress={() => setAsked('conversations')}>{words.deleteConversations}</Button>
        <Button onPress={() => setAsked('history')}>{words.deleteHistory}</Button>
      </div>
      <p className="muted">
        {words.deleteAllHow} <code>{words.deleteAllCommand}</code>
      </p>
      <ModalDialog
        isOpen={asked !== null}
        onClose={close}
        role="alertdialog"
        title={isConversations ? words.deleteConversationsTitle : words.deleteHistoryTitle}
        actions={
          <>
            <Button onPress={close}>{text.common.cancel}</Button>
            <Button
              kind="danger"
              onPress={() => {
                close();
                if (isConversations) {
                  void act(() => client.conversations.removeAll({}), {
                    said: ({ removed }) => words.deletedConversations(removed),
                  });
                } else {
                  void act(() => client.facts.clearHistory({}), {
                    said: ({ cleared }) => words.deletedHistory(cleared),
                  });
                }
              }}
            >
              {isConversations ? words.deleteConversations : words.deleteHistory}
            </Button>
          </>
        }
      >
        <p>{isConversations ? words.deleteConversationsWords : words.deleteHistoryWords}</p>
      </ModalDialog>
    </div>
  );
}
