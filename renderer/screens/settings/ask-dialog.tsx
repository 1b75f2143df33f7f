import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { text } from '../../text/en.ts';

export type AskDialogProps = {
  readonly title: string;
  readonly words: string;
  /** What the button that does it says. */
  readonly act: string;
  readonly onAct: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  readonly isDisabled?: boolean;
};

/** Asks before what cannot be undone. */
export function AskDialog({ title, words, act, onAct, onClose, children, isDisabled }: AskDialogProps) {
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={title}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="danger"
            isDisabled={isDisabled ?? false}
            onPress={() => {
              onClose();
              onAct();
            }}
          >
            {act}
          </Button>
        </>
      }
    >
      <p>{words}</p>
      {children}
    </ModalDialog>
  );
}
