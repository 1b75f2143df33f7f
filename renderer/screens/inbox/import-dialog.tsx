import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { announce } from '../../state/store.ts';
import { useAppStore } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { ImportForm } from './import-form.tsx';

/** Import over the Inbox: what is found arrives in the list behind it. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const store = useAppStore();
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={text.inbox.importTitle}
      size="wide"
      actions={<Button onPress={onClose}>{text.common.close}</Button>}
    >
      <ImportForm onRead={(found) => announce(store, text.inbox.importFound(found))} />
    </ModalDialog>
  );
}
