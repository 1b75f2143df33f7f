import { Undo2, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { text } from '../text/en.ts';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';

export type UndoBarProps = {
  readonly notice: { readonly text: string; readonly canUndo: boolean };
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
};

const leastMs = 6000;
const readMsPerLetter = 60;

/** What was just done, and the way back. It leaves once it can have been read, never under the pointer or the focus. */
export function UndoBar({ notice, onUndo, onDismiss }: UndoBarProps) {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(onDismiss, Math.max(leastMs, readMsPerLetter * notice.text.length));
    return () => clearTimeout(timer);
  }, [notice, isHeld, onDismiss]);
  const hold = () => setIsHeld(true);
  const letGo = () => setIsHeld(false);
  return (
    <div className="undo-bar" onPointerEnter={hold} onPointerLeave={letGo} onFocus={hold} onBlur={letGo}>
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
