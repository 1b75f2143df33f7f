import { useState } from 'react';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import type { Client } from '../../client/connect.ts';
import { hostOf } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { Note } from '../../components/note.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

export type ExportDialogProps = { readonly version: AdapterVersion; readonly onClose: () => void };

type Format = keyof typeof text.versions.formats;

const formats: readonly Format[] = ['gguf', 'peft', 'merged-f16', 'merged-q8_0', 'ollama'];
const endings: Readonly<Record<Format, string>> = {
  ...{ gguf: '.gguf', peft: '', ollama: '-ollama' },
  ...{ 'merged-f16': '-merged-f16.gguf', 'merged-q8_0': '-merged-q8_0.gguf' },
};

/** Writes a version for other programs, with the warning that it holds personal facts. */
export function ExportDialog({ version, onClose }: ExportDialogProps) {
  const client = useClient();
  const act = useAct();
  const folder = useQuery(client.machine.get, {}, []).data?.dataFolder ?? '';
  const [format, setFormat] = useState<Format>('gguf');
  const [path, setPath] = useState<string | null>(null);
  const [isForced, setIsForced] = useState(false);
  const { versions } = text;
  const { id, number } = version;
  const output = path ?? (folder === '' ? '' : proposePath(folder, number, format));
  const host = hostOf(client);
  const choose = async () => {
    const name = output.split(/[\\/]/u).at(-1) ?? '';
    const chosen = await act(async () => await host?.chooseSave({ name }));
    if (chosen !== undefined && chosen.path !== null) setPath(chosen.path);
  };
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={versions.exportTitle(number)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="primary"
            isDisabled={output.trim() === ''}
            onPress={() => {
              onClose();
              void act(() => start(client, { id, format, output: output.trim(), force: isForced }), {
                said: versions.exporting,
              });
            }}
          >
            {versions.write}
          </Button>
        </>
      }
    >
      <Note kind="warning">{versions.exportWarning}</Note>
      <SelectField
        label={versions.format}
        value={format}
        options={formats.map((each) => ({ value: each, label: versions.formats[each] }))}
        onChange={setFormat}
      />
      <p className="field-note">{versions.formatNotes[format]}</p>
      <TextField
        label={versions.place}
        value={output}
        onChange={setPath}
        note={versions.placeNote}
        maxLength={4000}
      />
      {host !== null && (
        <div>
          <Button onPress={() => void choose()}>{versions.choosePlace}</Button>
        </div>
      )}
      <Checkbox isSelected={isForced} onChange={setIsForced}>
        {versions.replace}
      </Checkbox>
    </ModalDialog>
  );
}

/** Beside the data folder, not in it: what is in it belongs to the app. */
function proposePath(dataFolder: string, number: number, format: Format): string {
  const separator = dataFolder.includes('\\') ? '\\' : '/';
  const parent = dataFolder.split(separator).slice(0, -1).join(separator);
  return `${parent}${separator}keepsake-version-${number}${endings[format]}`;
}

type StartInput = {
  readonly id: string;
  readonly format: Format;
  readonly output: string;
  readonly force: boolean;
};

function start(client: Client, { id, format, output, force }: StartInput) {
  switch (format) {
    case 'gguf':
    case 'peft':
    case 'ollama':
      return client.adapters.export({ id, format, output, force });
    case 'merged-f16':
      return client.adapters.merge({ adapter: id, type: 'f16', output, force });
    case 'merged-q8_0':
      return client.adapters.merge({ adapter: id, type: 'q8_0', output, force });
  }
}
