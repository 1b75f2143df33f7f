import { Undo2, X } from 'lucide-react';
import { text } from '../text/en.ts';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';

export type UndoBarProps = {
  readonly notice: { readonly text: string; readonly canUndo: boolean } | null;
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
};

/** What was just done, and the way back; it stays until it is dismissed. */
export function UndoBar({ notice, onUndo, onDismiss }: UndoBarProps) {
  if (notice === null) return null;
  return (
    <div className="undo-bar">
      <span className="undo-text">{notice.text}</span>
      {notice.canUndo && (
        <Button kind="quiet" icon={<Undo2 aria-hidden size={16} />} onPress={onUndo}>
          {text.common.undo}
        </Button>
      )}
      <IconButton label={text.common.dismissUndo} icon={<X aria-hidden size={16} />} onPress={onDismiss} />
    </div>
  );
}
