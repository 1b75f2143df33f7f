import { useState } from 'react';
import type { Profile } from '../../../electron/contract/entities/profile.ts';
import { hostOf } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { Note } from '../../components/note.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

/** A whole profile to a file (with `profile`) or from one; what went wrong is said by the shell. */
export function ProfileFile({
  profile,
  onClose,
}: {
  readonly profile?: Profile;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const act = useAct();
  const [path, setPath] = useState<string | null>(null);
  const folder = useQuery(client.machine.get, {}, []).data?.dataFolder ?? '';
  const words = text.settings;
  const host = hostOf(client);
  const name = `${profile?.name.replaceAll(/[^\p{L}\p{N}]+/gu, '-') ?? ''}.keepsake`;
  // Beside the data folder: what is in it belongs to the app.
  const proposed = profile === undefined || folder === '' ? '' : folder.replace(/[^\\/]*$/u, name);
  const value = path ?? proposed;
  const file = value.trim();
  const choose = async () => {
    const chosen = await act(async () =>
      profile === undefined ? await host?.chooseFile({ kind: 'any' }) : await host?.chooseSave({ name }),
    );
    if (chosen !== undefined && chosen.path !== null) setPath(chosen.path);
  };
  const work = () => {
    onClose();
    if (profile === undefined) {
      void act(() => client.profiles.import({ file }), {
        said: (done) => words.importedProfile(done.profile.name, done.facts, done.missingBases),
      });
    } else {
      void act(() => client.profiles.export({ id: profile.id, output: file }), {
        said: (done) => words.exportedProfile(done.profile.name, done.facts, done.file),
      });
    }
  };
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={profile === undefined ? words.importProfile : words.exportProfileTitle(profile.name)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" isDisabled={file === ''} onPress={work}>
            {profile === undefined ? words.doImport : words.doExport}
          </Button>
        </>
      }
    >
      {profile === undefined ? (
        <p>{words.importProfileWords}</p>
      ) : (
        <Note kind="warning">{words.exportProfileWords}</Note>
      )}
      <TextField
        label={profile === undefined ? words.importProfilePlace : words.exportProfilePlace}
        value={value}
        onChange={setPath}
        maxLength={4000}
        autoFocus
      />
      {host !== null && (
        <div>
          <Button onPress={() => void choose()}>{words.choosePath}</Button>
        </div>
      )}
    </ModalDialog>
  );
}
