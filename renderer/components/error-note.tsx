import { CircleAlert } from 'lucide-react';
import { text } from '../text/en.ts';
import { pageHint } from '../text/page-hint.ts';
import { Button } from './button.tsx';

export type ErrorNoteProps = {
  /** What happened, with values; then what to do. */
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
  readonly onRetry?: (() => void) | undefined;
  readonly onDismiss?: (() => void) | undefined;
  /** What is safe, where the message does not say it. */
  readonly safe?: string;
};

/** A failure in its place: the sentence, what to do, the code under Details. */
export function ErrorNote({ error, onRetry, onDismiss, safe }: ErrorNoteProps) {
  return (
    <div className="note note-error" role="alert">
      <CircleAlert aria-hidden size={16} className="note-icon" />
      <div className="note-words">
        <p>
          {[error.message, safe, pageHint(error.hint)]
            .filter((part) => part !== undefined && part !== '')
            .join(' ')}
        </p>
        <details>
          <summary>{text.common.details}</summary>
          <code>{error.code}</code>
        </details>
      </div>
      <div className="note-acts">
        {onRetry !== undefined && <Button onPress={onRetry}>{text.common.retry}</Button>}
        {onDismiss !== undefined && (
          <Button kind="quiet" onPress={onDismiss}>
            {text.common.close}
          </Button>
        )}
      </div>
    </div>
  );
}
