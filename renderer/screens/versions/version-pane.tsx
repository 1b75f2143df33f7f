import { useState } from 'react';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { bytes, clockTime, day } from '../../text/format.ts';
import { VersionState } from './version-row.tsx';

export type VersionPaneProps = {
  readonly version: AdapterVersion;
  readonly isActive: boolean;
  readonly onDelete: () => void;
};

/** One version in detail, with the name and note that its owner gives it. */
export function VersionPane({ version, isActive, onDelete }: VersionPaneProps) {
  const client = useClient();
  const act = useAct();
  const { id, number, verdict, lacks } = version;
  const [name, setName] = useState(version.name ?? '');
  const [note, setNote] = useState(version.note ?? '');
  const { versions } = text;
  const isChanged = name !== (version.name ?? '') || note !== (version.note ?? '');
  const save = () =>
    void act(
      () =>
        client.adapters.describe({
          ...{
            id,
            name: name.trim() === '' ? null : name.trim(),
            note: note.trim() === '' ? null : note.trim(),
          },
        }),
      {
        said: versions.saved,
        undo: () => client.adapters.describe({ id, name: version.name, note: version.note }),
      },
    );
  return (
    <div className="stack">
      <h2>{versions.version(number)}</h2>
      <VersionState version={version} isActive={isActive} />
      {verdict?.approved === false && verdict.reasons.length > 0 && (
        <Note kind="warning">
          {verdict.reasons.map((reason) => (
            <p key={reason}>{reason}</p>
          ))}
        </Note>
      )}
      {version.knowsForgotten && <Note kind="warning">{versions.knowsForgotten}</Note>}
      {version.imported !== undefined && <Note>{versions.importedWords(version.imported.name)}</Note>}
      {lacks > 0 && <p>{versions.lacks(number, lacks)}</p>}
      <dl className="version-figures">
        <div>
          <dt>{versions.made}</dt>
          <dd>
            {day(version.createdAt)}, {clockTime(version.createdAt)}
          </dd>
        </div>
        <div>
          <dt>{versions.base}</dt>
          <dd>{version.baseName}</dd>
        </div>
        <div>
          <dt>{versions.size}</dt>
          <dd>{version.sizeBytes === null ? versions.unknownSize : bytes(version.sizeBytes)}</dd>
        </div>
      </dl>
      <p className="line">
        <a href={`#/report/${id}`}>{versions.openReport}</a>
        {version.imported === undefined && <a href={`#/train/${version.runId}`}>{versions.openRun}</a>}
      </p>
      <TextField
        label={versions.nameField}
        value={name}
        onChange={setName}
        placeholder={versions.namePlaceholder}
        maxLength={100}
        onEnter={save}
      />
      <TextField label={versions.noteField} value={note} onChange={setNote} rows={4} maxLength={2000} />
      <div className="line">
        <Button kind="primary" isDisabled={!isChanged} onPress={save}>
          {text.common.save}
        </Button>
        {!isActive && <Button onPress={onDelete}>{versions.delete}</Button>}
      </div>
    </div>
  );
}
