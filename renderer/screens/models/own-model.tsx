import { useState } from 'react';
import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { Note } from '../../components/note.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';
import { FitLine } from './fit-line.tsx';

export type OwnModelProps = {
  readonly model: MethodOutputs['models']['list']['models'][number];
  readonly isActive: boolean;
  readonly activeName: string | null;
};

/** A base model on this computer. */
export function OwnModel({ model, isActive, activeName }: OwnModelProps) {
  const [asked, setAsked] = useState<'use' | 'remove' | null>(null);
  const { models } = text;
  const { name, file, sizeBytes, licence, contextLength, fit, isFileThere, quantisation } = model;
  const isTooBig = fit?.chat === 'no';
  return (
    <li className="model">
      <div className="model-words">
        <p className="model-name">
          <strong>{name}</strong> <span className="muted">{bytes(sizeBytes)}</span>{' '}
          <span className="meta">{quantisation}</span>
          {isActive && <span className="chip model-active">{models.chosen}</span>}
        </p>
        {isFileThere ? (
          <p>
            <FitLine name={name} fit={fit} sizeBytes={sizeBytes} />
          </p>
        ) : (
          <Note kind="warning">{models.fileGone(file)}</Note>
        )}
        <p className="meta model-file" title={file}>
          {[licence ?? models.unknownLicence, models.contextLength(contextLength), file].join(' | ')}
        </p>
      </div>
      <div className="model-acts">
        {!isActive && isFileThere && (
          <Button
            aria-label={`${isTooBig ? models.tryAnyway : models.use}: ${name}`}
            onPress={() => setAsked('use')}
          >
            {isTooBig ? models.tryAnyway : models.use}
          </Button>
        )}
        {!isActive && (
          <Button kind="quiet" aria-label={`${models.remove}: ${name}`} onPress={() => setAsked('remove')}>
            {models.remove}
          </Button>
        )}
      </div>
      {asked === 'use' && <UseDialog model={model} activeName={activeName} onClose={() => setAsked(null)} />}
      {asked === 'remove' && <RemoveDialog model={model} onClose={() => setAsked(null)} />}
    </li>
  );
}

type DialogProps = { readonly model: OwnModelProps['model']; readonly onClose: () => void };

/** What changing the base means for what was learned. */
function UseDialog({
  model: { id, name },
  activeName,
  onClose,
}: DialogProps & { readonly activeName: string | null }) {
  const client = useClient();
  const act = useAct();
  const learned = useApp(({ summary }) => summary?.facts.learned ?? 0);
  const before = useApp(({ settings }) => settings?.baseModelId ?? null);
  const { models } = text;
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={models.useTitle(name)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="primary"
            onPress={() => {
              onClose();
              void act(() => client.settings.set({ baseModelId: id }), {
                said: models.used(name),
                undo: () => client.settings.set({ baseModelId: before }),
              });
            }}
          >
            {models.use}
          </Button>
        </>
      }
    >
      <p>{models.useWords(activeName === null ? 0 : learned, activeName ?? '', name)}</p>
    </ModalDialog>
  );
}

function RemoveDialog({ model: { id, name, file }, onClose }: DialogProps) {
  const client = useClient();
  const act = useAct();
  const [isFileToo, setIsFileToo] = useState(false);
  const { models } = text;
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={models.removeTitle(name)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="danger"
            onPress={() => {
              onClose();
              void act(() => client.models.remove({ id, deleteFile: isFileToo }), {
                said: ({ fileDeleted }) =>
                  fileDeleted ? models.removedWithFile(name) : models.removed(name),
              });
            }}
          >
            {models.remove}
          </Button>
        </>
      }
    >
      <p className="model-path">{models.removeWords(file)}</p>
      <Checkbox isSelected={isFileToo} onChange={setIsFileToo}>
        {models.removeFile}
      </Checkbox>
    </ModalDialog>
  );
}
