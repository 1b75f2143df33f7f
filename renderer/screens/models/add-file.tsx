import { useState } from 'react';
import { hostOf } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import type { AppError } from '../../../electron/contract/errors.ts';
import { nameError } from '../../state/name-error.ts';
import { notify } from '../../state/store.ts';
import { useAppStore, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';

type Place = keyof typeof text.models.places;

const places: readonly Place[] = ['stay', 'copy', 'link'];

/** A GGUF file of one's own; what is wrong with it stands in the dialog. */
export function AddFile({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const store = useAppStore();
  const [file, setFile] = useState('');
  const [place, setPlace] = useState<Place>('stay');
  const [error, setError] = useState<AppError | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const { models } = text;
  const host = hostOf(client);
  const choose = async () => {
    const chosen = await host?.chooseFile({ kind: 'model' });
    if (chosen !== undefined && chosen.path !== null) setFile(chosen.path);
  };
  const add = async () => {
    if (file.trim() === '' || isAdding) return;
    setIsAdding(true);
    setError(null);
    try {
      const { model, added } = await client.models.add({ file: file.trim(), place });
      notify(store, added ? models.added(model.name) : models.addedAlready(model.name));
      onClose();
    } catch (failure) {
      setError(nameError(failure));
      setIsAdding(false);
    }
  };
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={models.addTitle}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" isDisabled={file.trim() === '' || isAdding} onPress={() => void add()}>
            {isAdding ? models.adding : models.add}
          </Button>
        </>
      }
    >
      {error !== null && <ErrorNote error={error} />}
      <TextField
        label={models.addField}
        value={file}
        onChange={setFile}
        note={models.addNote}
        autoFocus
        maxLength={4000}
        onEnter={() => void add()}
      />
      {host !== null && (
        <div>
          <Button onPress={() => void choose()}>{models.chooseFile}</Button>
        </div>
      )}
      <SelectField
        label={models.addHow}
        value={place}
        options={places.map((value) => ({ value, label: models.places[value] }))}
        onChange={setPlace}
      />
    </ModalDialog>
  );
}
