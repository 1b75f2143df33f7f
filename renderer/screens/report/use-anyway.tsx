import { useState } from 'react';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';

/** Uses a version that is not approved; its reasons are repeated, one's own is kept with it. */
export function UseAnyway({ version }: { readonly version: AdapterVersion }) {
  const client = useClient();
  const act = useAct();
  const [isOpen, setIsOpen] = useState(false);
  const [reason, setReason] = useState<string>(text.report.useAnywayDefault);
  const words = text.report;
  return (
    <>
      <Button onPress={() => setIsOpen(true)}>{words.useAnyway}</Button>
      <ModalDialog
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title={words.useAnywayTitle(version.number)}
        actions={
          <>
            <Button onPress={() => setIsOpen(false)}>{text.common.cancel}</Button>
            <Button
              kind="primary"
              isDisabled={reason.trim() === ''}
              onPress={() => {
                setIsOpen(false);
                void act(() => client.adapters.activate({ id: version.id, override: reason.trim() }), {
                  said: words.used(version.number),
                });
              }}
            >
              {words.useAnyway}
            </Button>
          </>
        }
      >
        <p>{words.useAnywayWords}</p>
        <ul className="reasons">
          {(version.verdict?.reasons ?? []).map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <TextField
          label={words.useAnywayField}
          value={reason}
          onChange={setReason}
          maxLength={500}
          note={words.useAnywayNote}
        />
      </ModalDialog>
    </>
  );
}
