import { Check, ChevronDown } from 'lucide-react';
import {
  Button as AriaButton,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';

export type SelectOption<Value extends string> = {
  readonly value: Value;
  readonly label: string;
  readonly note?: string;
};

export type SelectFieldProps<Value extends string> = {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly SelectOption<Value>[];
  readonly onChange: (value: Value) => void;
  readonly isLabelHidden?: boolean;
  readonly isDisabled?: boolean;
};

/** One of a few values. */
export function SelectField<Value extends string>({
  label,
  value,
  options,
  onChange,
  isLabelHidden = false,
  isDisabled = false,
}: SelectFieldProps<Value>) {
  return (
    <Select
      value={value}
      isDisabled={isDisabled}
      onChange={(key) => {
        const chosen = options.find((option) => option.value === key);
        if (chosen !== undefined) onChange(chosen.value);
      }}
      className="field"
    >
      <Label className={isLabelHidden ? 'hidden-text' : 'field-label'}>{label}</Label>
      <AriaButton className="button button-plain select-button">
        <SelectValue className="select-value">{({ selectedText }) => selectedText}</SelectValue>
        <ChevronDown aria-hidden size={16} />
      </AriaButton>
      <Popover className="popover">
        <ListBox className="menu">
          {options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className="menu-item select-item"
            >
              {({ isSelected }) => (
                <>
                  <span className="select-mark">{isSelected && <Check aria-hidden size={16} />}</span>
                  <span>{option.label}</span>
                  {option.note !== undefined && <span className="menu-note">{option.note}</span>}
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
