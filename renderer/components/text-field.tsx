import type { Ref } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField as AriaTextField } from 'react-aria-components';

export type TextFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Shown under the field. */
  readonly note?: string | undefined;
  /** What is wrong with the value. */
  readonly problem?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly rows?: number | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly isReadOnly?: boolean | undefined;
  readonly isLabelHidden?: boolean | undefined;
  readonly autoFocus?: boolean | undefined;
  readonly maxLength?: number | undefined;
  readonly onEnter?: (() => void) | undefined;
  readonly onEscape?: (() => void) | undefined;
  readonly fieldRef?: Ref<HTMLInputElement> | undefined;
};

/** A labelled field of one line, or of several with `rows`. */
export function TextField({
  label,
  value,
  onChange,
  note,
  problem,
  placeholder,
  rows,
  isDisabled = false,
  isReadOnly = false,
  isLabelHidden = false,
  autoFocus = false,
  maxLength = 10_000,
  onEnter,
  onEscape,
  fieldRef,
}: TextFieldProps) {
  return (
    <AriaTextField
      value={value}
      onChange={onChange}
      isDisabled={isDisabled}
      isReadOnly={isReadOnly}
      isInvalid={problem !== undefined}
      maxLength={maxLength}
      // A field of a form or dialog that the reader has just opened.
      autoFocus={autoFocus}
      className="field"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && onEnter !== undefined && rows === undefined) onEnter();
        else if (event.key === 'Escape' && onEscape !== undefined) onEscape();
        else event.continuePropagation();
      }}
    >
      <Label className={isLabelHidden ? 'hidden-text' : 'field-label'}>{label}</Label>
      {rows === undefined ? (
        <Input
          className="field-input"
          {...(placeholder !== undefined && { placeholder })}
          {...(fieldRef !== undefined && { ref: fieldRef })}
        />
      ) : (
        <TextArea
          className="field-input field-area"
          {...(placeholder !== undefined && { placeholder })}
          rows={rows}
        />
      )}
      {note !== undefined && (
        <Text slot="description" className="field-note">
          {note}
        </Text>
      )}
      <FieldError className="field-problem">{problem}</FieldError>
    </AriaTextField>
  );
}
