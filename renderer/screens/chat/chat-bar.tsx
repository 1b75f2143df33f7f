import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Checkbox } from '../../components/checkbox.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { text } from '../../text/en.ts';

export type ChatBarProps = {
  readonly versions: readonly AdapterVersion[];
  readonly activeId: string | null;
  /** Empty: the version in use; `base`: none. */
  readonly chosen: string;
  readonly onChoose: (adapterId: string) => void;
  readonly isCompared: boolean;
  readonly onCompare: (isCompared: boolean) => void;
  readonly isTemporary: boolean;
  readonly onTemporary: (isTemporary: boolean) => void;
};

/** Who answers, and how. */
export function ChatBar(props: ChatBarProps) {
  const { versions, activeId, chosen, isCompared, isTemporary } = props;
  const { chat } = text;
  const active = versions.find(({ id }) => id === activeId);
  const others = versions.filter(
    ({ id, isFileThere, baseModelId }) =>
      id !== activeId && isFileThere && (active === undefined || baseModelId === active.baseModelId),
  );
  const options = [
    active === undefined
      ? { value: '', label: chat.noVersion }
      : { value: '', label: chat.versionInUse(active.number), note: active.baseName },
    ...others.map(({ id, number, name, baseName }) => ({
      value: id,
      label: chat.version(number),
      note: name ?? baseName,
    })),
    ...(active === undefined ? [] : [{ value: 'base', label: chat.plainModel, note: chat.plainNote }]),
  ];
  return (
    <div className="chat-bar">
      <div className="chat-picker">
        <SelectField
          label={chat.answerWith}
          isLabelHidden
          value={options.some(({ value }) => value === chosen) ? chosen : ''}
          options={options}
          onChange={props.onChoose}
        />
      </div>
      <Checkbox isSelected={isCompared} onChange={props.onCompare} isDisabled={chosen === 'base'}>
        {chat.compare}
      </Checkbox>
      <Checkbox isSelected={isTemporary} onChange={props.onTemporary}>
        {chat.temporary}
      </Checkbox>
    </div>
  );
}
