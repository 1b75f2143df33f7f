import { useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { useAct, useApp } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { duration } from '../../text/format.ts';

type Forgotten = { readonly destroyedAdapters: readonly string[]; readonly exports: readonly unknown[] };

export type ForgetDialogProps = {
  readonly title: string;
  readonly words: string;
  readonly children?: ReactNode;
  readonly forget: () => Promise<Forgotten>;
  readonly onClose: () => void;
  readonly onForgotten: () => void;
};

/** Asks before what cannot be undone. */
export function ForgetDialog({ title, words, children, forget, onClose, onForgotten }: ForgetDialogProps) {
  const act = useAct();
  const [isBusy, setIsBusy] = useState(false);
  const time = useApp((state) => state.summary?.time ?? null);

  async function doForget(): Promise<void> {
    setIsBusy(true);
    const result = await act(forget, {
      said: (forgotten) =>
        text.facts.forgotten(forgotten.destroyedAdapters.length) +
        (forgotten.exports.length > 0 ? text.facts.forgottenExports(forgotten.exports.length) : ''),
    });
    setIsBusy(false);
    onClose();
    if (result !== undefined) onForgotten();
  }

  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={title}
      role="alertdialog"
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {text.common.cancel}
          </Button>
          <Button kind="danger" isDisabled={isBusy} onPress={() => void doForget()}>
            {text.facts.forget}
          </Button>
        </>
      }
    >
      <p>{words}</p>
      {time !== null && <p>{text.facts.rebuildTime(duration(time.highSeconds))}</p>}
      {children}
    </ModalDialog>
  );
}
