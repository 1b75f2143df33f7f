import { useState } from 'react';
import type { Profile } from '../../../electron/contract/entities/profile.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { MenuButton } from '../../components/menu-button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { Note } from '../../components/note.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { AskDialog } from './ask-dialog.tsx';
import { ProfileFile } from './profile-files.tsx';

/** Every profile, and which one opens at the next start. */
export function Profiles() {
  const client = useClient();
  const openName = useApp((state) => state.profileName);
  const { data, error, reload } = useQuery(client.profiles.list, {}, ['profiles']);
  const [nextId, setNextId] = useState<string | null>(null);
  const [asked, setAsked] = useState<{
    readonly what: 'rename' | 'remove' | 'export';
    readonly profile: Profile;
  } | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  const act = useAct();
  const words = text.settings;
  const close = () => setAsked(null);
  const next = data?.profiles.find(({ id }) => id === nextId);
  return (
    <>
      <p className="muted prose">{words.profilesWords}</p>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={words.readingProfiles} />}
      {next !== undefined && next.name !== openName && <Note>{words.restart(next.name)}</Note>}
      {data !== undefined && (
        <ul className="profiles">
          {data.profiles.map((profile) => {
            const isOpen = profile.name === openName;
            return (
              <li key={profile.id} className="profile">
                <span className="profile-name">
                  {profile.name}
                  {isOpen && <span className="meta"> {words.open}</span>}
                  {profile.id === nextId && !isOpen && <span className="meta"> {words.opensNext}</span>}
                </span>
                {(!isOpen || (nextId !== null && nextId !== profile.id)) && profile.id !== nextId && (
                  <Button
                    onPress={() =>
                      void act(() => client.profiles.use({ id: profile.id })).then((done) => {
                        if (done !== undefined) setNextId(profile.id);
                      })
                    }
                  >
                    {words.useProfile}
                  </Button>
                )}
                <MenuButton
                  label={text.common.more}
                  name={words.profileActs(profile.name)}
                  kind="quiet"
                  items={[
                    {
                      id: 'rename',
                      label: words.rename,
                      onAction: () => setAsked({ what: 'rename', profile }),
                    },
                    {
                      id: 'export',
                      label: words.exportProfile,
                      onAction: () => setAsked({ what: 'export', profile }),
                    },
                    {
                      id: 'remove',
                      label: words.remove,
                      isDanger: true,
                      isDisabled: isOpen,
                      ...(isOpen && { note: words.open }),
                      onAction: () => setAsked({ what: 'remove', profile }),
                    },
                  ]}
                />
              </li>
            );
          })}
        </ul>
      )}
      <AddProfile />
      <div>
        <Button onPress={() => setIsImporting(true)}>{words.importProfile}</Button>
      </div>
      {asked?.what === 'rename' && <RenameDialog profile={asked.profile} onClose={close} />}
      {asked?.what === 'export' && <ProfileFile profile={asked.profile} onClose={close} />}
      {isImporting && <ProfileFile onClose={() => setIsImporting(false)} />}
      {asked?.what === 'remove' && <RemoveDialog profile={asked.profile} onClose={close} />}
    </>
  );
}

function AddProfile() {
  const client = useClient();
  const act = useAct();
  const [name, setName] = useState('');
  const words = text.settings;
  const add = () => {
    if (name.trim() === '') return;
    void act(() => client.profiles.add({ name: name.trim() }), {
      said: ({ profile }) => words.added(profile.name),
    }).then((done) => {
      if (done !== undefined) setName('');
    });
  };
  return (
    <div className="profile-add">
      <TextField label={words.addProfile} value={name} onChange={setName} maxLength={60} onEnter={add} />
      <Button isDisabled={name.trim() === ''} onPress={add}>
        {words.add}
      </Button>
    </div>
  );
}

type DialogProps = { readonly profile: Profile; readonly onClose: () => void };

function RenameDialog({ profile: { id, name: before }, onClose }: DialogProps) {
  const client = useClient();
  const act = useAct();
  const [name, setName] = useState(before);
  const words = text.settings;
  const save = () => {
    onClose();
    if (name.trim() === '' || name.trim() === before) return;
    void act(() => client.profiles.rename({ id, name: name.trim() }), {
      said: words.renamed(name.trim()),
      undo: () => client.profiles.rename({ id, name: before }),
    });
  };
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={words.renameTitle(before)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" onPress={save}>
            {text.common.save}
          </Button>
        </>
      }
    >
      <TextField
        label={words.nameField}
        value={name}
        onChange={setName}
        maxLength={60}
        autoFocus
        onEnter={save}
      />
    </ModalDialog>
  );
}

function RemoveDialog({ profile: { id, name }, onClose }: DialogProps) {
  const client = useClient();
  const act = useAct();
  const words = text.settings;
  return (
    <AskDialog
      title={words.removeTitle(name)}
      words={words.removeWords}
      act={words.remove}
      onClose={onClose}
      onAct={() => void act(() => client.profiles.remove({ id }), { said: words.removed(name) })}
    />
  );
}
