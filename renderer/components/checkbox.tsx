import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components';

export type CheckboxProps = {
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly children: ReactNode;
  readonly isIndeterminate?: boolean;
  readonly isDisabled?: boolean;
  readonly note?: string;
};

/** A box to tick, with its words. */
export function Checkbox({
  isSelected,
  onChange,
  children,
  isIndeterminate = false,
  isDisabled = false,
  note,
}: CheckboxProps) {
  return (
    <CheckboxField
      isSelected={isSelected}
      onChange={onChange}
      isIndeterminate={isIndeterminate}
      isDisabled={isDisabled}
    >
      <CheckboxButton className="checkbox">
        <span className="checkbox-box" aria-hidden>
          {isIndeterminate ? <Minus size={14} /> : isSelected ? <Check size={14} /> : null}
        </span>
        <span className="checkbox-words">
          {children}
          {note !== undefined && <span className="field-note">{note}</span>}
        </span>
      </CheckboxButton>
    </CheckboxField>
  );
}
