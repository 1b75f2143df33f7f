import { Pin } from 'lucide-react';
import { useLocation } from 'wouter';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { MenuButton, type MenuAction } from '../../components/menu-button.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { shortDay } from '../../text/format.ts';
import { UseAnyway } from '../report/use-anyway.tsx';

export type VersionRowProps = {
  readonly version: AdapterVersion;
  readonly isActive: boolean;
  readonly isShown: boolean;
  readonly onExport: () => void;
  readonly onDelete: () => void;
};

/** One version: its verdict, what it learned, and what one can do with it. */
export function VersionRow({ version, isActive, isShown, onExport, onDelete }: VersionRowProps) {
  const client = useClient();
  const act = useAct();
  const [, navigate] = useLocation();
  const { versions } = text;
  const { id, number, name, createdAt, learned, taught, general, pinned, isFileThere } = version;
  const pin = (isPinned: boolean) => client.adapters.describe({ id, pinned: isPinned });
  const items: readonly MenuAction[] = [
    { id: 'report', label: versions.openReport, onAction: () => navigate(`/report/${id}`) },
    ...(version.imported === undefined
      ? [{ id: 'run', label: versions.openRun, onAction: () => navigate(`/train/${version.runId}`) }]
      : []),
    {
      id: 'judge',
      label: versions.judge,
      isDisabled: !isFileThere,
      onAction: () => void act(() => client.adapters.judge({ id }), { said: versions.judging }),
    },
    {
      id: 'pin',
      label: pinned ? versions.unpin : versions.pin,
      onAction: () =>
        void act(() => pin(!pinned), {
          said: pinned ? versions.unpinnedDone(number) : versions.pinnedDone(number),
          undo: () => pin(pinned),
        }),
    },
    {
      id: 'delete',
      label: versions.delete,
      isDisabled: isActive,
      isDanger: true,
      ...(isActive && { note: versions.cannotDeleteActive }),
      onAction: onDelete,
    },
  ];
  return (
    <li className={`version${isShown ? ' is-shown' : ''}`}>
      <div className="version-words">
        <p className="version-name">
          <a href={`#/versions/${id}`}>{versions.version(number)}</a>
          {name !== null && <span>{name}</span>}
          <VersionState version={version} isActive={isActive} />
          {pinned && (
            <span className="meta version-pin">
              <Pin aria-hidden size={12} /> {versions.pinned}
            </span>
          )}
        </p>
        <p className="meta">
          {[
            shortDay(createdAt),
            version.imported === undefined ? versions.learned(learned, taught) : versions.imported,
            general === null ? null : versions.general(general),
            isFileThere ? null : versions.fileGone,
          ]
            .filter((part) => part !== null)
            .join(' | ')}
        </p>
      </div>
      <div className="version-acts">
        {!isActive && isFileThere && <UseButton version={version} />}
        {isFileThere && (
          <Button onPress={onExport} aria-label={versions.exportName(number)}>
            {versions.export}
          </Button>
        )}
        <MenuButton label={versions.more} name={versions.moreName(number)} kind="quiet" items={items} />
      </div>
    </li>
  );
}

function UseButton({ version }: { readonly version: AdapterVersion }) {
  const client = useClient();
  const act = useAct();
  const { versions } = text;
  const { id, number, lacks } = version;
  if (version.verdict?.approved !== true && version.override === null) return <UseAnyway version={version} />;
  return (
    <Button
      onPress={() =>
        void act(
          () =>
            client.adapters.activate({
              id,
              ...(version.override !== null && { override: version.override }),
            }),
          { said: versions.used(number, lacks) },
        )
      }
    >
      {versions.use}
    </Button>
  );
}

/** In use, approved or not, in one word with its colour. */
export function VersionState({ version, isActive }: Pick<VersionRowProps, 'version' | 'isActive'>) {
  const { states, yourChoice } = text.versions;
  const kind = version.verdict === null ? 'candidate' : version.verdict.approved ? 'approved' : 'rejected';
  return (
    <span className="chips">
      {isActive && <span className="chip version-active">{states.inUse}</span>}
      {(!isActive || kind !== 'approved') && <span className={`chip version-${kind}`}>{states[kind]}</span>}
      {version.override !== null && <span className="chip version-candidate">{yourChoice}</span>}
    </span>
  );
}
