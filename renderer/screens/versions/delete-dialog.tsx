import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';

export type DeleteDialogProps = {
  readonly version: AdapterVersion;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
};

/** Asks before a version is destroyed. */
export function DeleteDialog({ version, onClose, onDeleted }: DeleteDialogProps) {
  const client = useClient();
  const act = useAct();
  const { versions } = text;
  const { id, number, sizeBytes } = version;
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={versions.deleteTitle(number)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="danger"
            onPress={() => {
              onClose();
              void act(() => client.adapters.delete({ id }), {
                said: ({ exports }) => {
                  const left = exports.filter(({ exists }) => exists).map(({ path }) => path);
                  return left.length === 0
                    ? versions.deleted(number)
                    : versions.deletedWithExports(number, left);
                },
              }).then((done) => {
                if (done !== undefined) onDeleted();
              });
            }}
          >
            {versions.delete}
          </Button>
        </>
      }
    >
      <p>{versions.deleteWords(sizeBytes === null ? versions.unknownSize : bytes(sizeBytes))}</p>
      <p>{versions.deleteExports}</p>
    </ModalDialog>
  );
}
