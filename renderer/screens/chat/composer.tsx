import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { text } from '../../text/en.ts';

export type ComposerProps = {
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
  readonly isRunning: boolean;
  readonly isEditing: boolean;
  /** Stands over the field: what has to be known before one writes. */
  readonly note?: ReactNode;
  readonly isDisabled?: boolean;
  readonly onSend: () => void;
  readonly onStop: () => void;
  readonly onEditLast: () => void;
  readonly onCancelEdit: () => void;
  /** Changes whenever the field should have the focus. */
  readonly focusMark: unknown;
};

/** Longest message that the core takes. */
export const longestMessage = 100_000;

/** Where one writes: Enter sends, Shift+Enter begins a line, Esc stops, Up changes the last message. */
export function Composer(props: ComposerProps) {
  const { draft, onDraft, isRunning, isEditing, note, isDisabled = false, focusMark } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const { chat } = text;
  const isTooLong = draft.length > longestMessage;
  const canSend = draft.trim() !== '' && !isTooLong && !isRunning && !isDisabled;
  useEffect(() => {
    field.current?.focus();
  }, [focusMark]);

  return (
    <div className="composer">
      {note}
      {isEditing && (
        <p className="composer-line meta">
          {chat.editing}
          <Button kind="quiet" onPress={props.onCancelEdit}>
            {chat.cancelEdit}
          </Button>
        </p>
      )}
      {isTooLong && (
        <p className="field-problem" role="alert">
          {chat.tooLong(draft.length, longestMessage)}
        </p>
      )}
      <div className="composer-row">
        <textarea
          ref={field}
          className="field-input composer-field"
          aria-label={chat.field}
          placeholder={isEditing ? chat.placeholderEdit : chat.placeholder}
          // A longer text is shown cut, sent never: the field would stand still over a megabyte.
          value={isTooLong ? `${draft.slice(0, 2000)} …` : draft}
          disabled={isDisabled}
          rows={1}
          onChange={(event) => onDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              event.stopPropagation();
              if (canSend) props.onSend();
            } else if (event.key === 'Escape' && (isRunning || isEditing)) {
              event.preventDefault();
              if (isRunning) props.onStop();
              else props.onCancelEdit();
            } else if (event.key === 'ArrowUp' && draft === '' && !isRunning) {
              event.preventDefault();
              props.onEditLast();
            }
          }}
        />
        {isRunning ? (
          <Button onPress={props.onStop}>{chat.stop}</Button>
        ) : (
          <Button kind="primary" isDisabled={!canSend} onPress={props.onSend}>
            {chat.send}
          </Button>
        )}
      </div>
    </div>
  );
}
