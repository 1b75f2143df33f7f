import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

export type ModalDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons, the safe one first. */
  readonly actions?: ReactNode;
  readonly size?: 'small' | 'wide';
  /** alertdialog: for what cannot be undone. */
  readonly role?: 'dialog' | 'alertdialog';
};

/** A dialog over the page; Esc and a press beside it close it. */
export function ModalDialog({
  isOpen,
  onClose,
  title,
  children,
  actions,
  size = 'small',
  role = 'dialog',
}: ModalDialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(opened) => {
        if (!opened) onClose();
      }}
      isDismissable
      className="modal-ground"
    >
      <Modal className={`modal modal-${size}`}>
        <Dialog role={role} className="dialog">
          <Heading slot="title" className="dialog-title">
            {title}
          </Heading>
          <div className="dialog-content">{children}</div>
          {actions !== undefined && <div className="dialog-actions">{actions}</div>}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
