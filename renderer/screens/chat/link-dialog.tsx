import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { text } from '../../text/en.ts';

export type LinkDialogProps = { readonly address: string | null; readonly onClose: () => void };

/** Shows where a link of an answer leads before anything is opened. */
export function LinkDialog({ address, onClose }: LinkDialogProps) {
  return (
    <ModalDialog
      isOpen={address !== null}
      onClose={onClose}
      title={text.chat.linkTitle}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="primary"
            onPress={() => {
              if (address !== null) window.open(address, '_blank', 'noopener,noreferrer');
              onClose();
            }}
          >
            {text.chat.openLink}
          </Button>
        </>
      }
    >
      <p className="link-address">{address}</p>
      <p className="muted">{text.chat.linkWords}</p>
    </ModalDialog>
  );
}
