import { useState } from 'react';
import { useLocation, useRoute } from 'wouter';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import '../../styles/tables.css';
import './versions.css';
import { DeleteDialog } from './delete-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { ExportList } from './export-list.tsx';
import { VersionPane } from './version-pane.tsx';
import { VersionRow } from './version-row.tsx';

/** The place for everything the model has learned, version by version. */
export default function VersionsScreen() {
  const client = useClient();
  const act = useAct();
  const [, navigate] = useLocation();
  const [, parameters] = useRoute('/versions/:id?');
  const [exported, setExported] = useState<AdapterVersion | null>(null);
  const [deleted, setDeleted] = useState<AdapterVersion | null>(null);
  const { data, error, reload } = useQuery(client.adapters.list, {}, ['adapters', 'facts', 'evaluations']);
  const { versions } = text;
  const id = parameters?.id ?? null;
  const activeId = data?.activeAdapterId ?? null;
  const adapters = sortVersions(data?.adapters ?? []);
  const active = adapters.find((version) => version.id === activeId);
  const shown = adapters.find((version) => version.id === id);
  return (
    <Screen
      title={text.shell.places.versions}
      secondary={
        active !== undefined &&
        adapters.length > 1 && (
          <Button
            onPress={() =>
              void act(() => client.adapters.rollback({}), {
                said: ({ activeAdapterId }) => {
                  const now = adapters.find((version) => version.id === activeAdapterId);
                  return now === undefined ? versions.noneUsed : versions.used(now.number, now.lacks);
                },
                undo: () => client.adapters.activate(reuse(active)),
              })
            }
          >
            {versions.rollback}
          </Button>
        )
      }
      pane={
        shown === undefined ? undefined : (
          <VersionPane
            key={shown.id}
            version={shown}
            isActive={shown.id === activeId}
            onDelete={() => setDeleted(shown)}
          />
        )
      }
      paneLabel={versions.details}
      onClosePane={() => navigate('/versions')}
    >
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={versions.reading} />}
      {data !== undefined && adapters.length === 0 && (
        <EmptyState
          title={versions.emptyTitle}
          action={<Button onPress={() => navigate('/train')}>{versions.emptyAction}</Button>}
        >
          {versions.emptyWords}
        </EmptyState>
      )}
      {id !== null && data !== undefined && shown === undefined && <p role="alert">{versions.gone}</p>}
      {active !== undefined && active.lacks > 0 && <Note>{versions.lacks(active.number, active.lacks)}</Note>}
      {adapters.length > 0 && (
        <ul className="versions">
          {adapters.map((version) => (
            <VersionRow
              key={version.id}
              version={version}
              isActive={version.id === activeId}
              isShown={version.id === id}
              onExport={() => setExported(version)}
              onDelete={() => setDeleted(version)}
            />
          ))}
        </ul>
      )}
      {adapters.length > 0 && <ExportList versions={adapters} />}
      {exported !== null && <ExportDialog version={exported} onClose={() => setExported(null)} />}
      {deleted !== null && (
        <DeleteDialog
          version={deleted}
          onClose={() => setDeleted(null)}
          onDeleted={() => navigate('/versions')}
        />
      )}
    </Screen>
  );
}

/** The request that puts a version back into use. */
const reuse = ({ id, override }: AdapterVersion) => ({ id, ...(override !== null && { override }) });

/** Pinned ones first, then the newest. */
function sortVersions(versions: readonly AdapterVersion[]): readonly AdapterVersion[] {
  return [...versions].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.number - a.number);
}
