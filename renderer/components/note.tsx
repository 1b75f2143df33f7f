import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

export type NoteProps = {
  readonly kind?: 'info' | 'warning';
  readonly children: ReactNode;
  readonly action?: ReactNode;
};

/** A calm remark in its place, with at most one button. */
export function Note({ kind = 'info', children, action }: NoteProps) {
  const Icon = kind === 'info' ? Info : TriangleAlert;
  return (
    <div className={`note note-${kind}`}>
      <Icon aria-hidden size={16} className="note-icon" />
      <div className="note-words">{children}</div>
      {action !== undefined && <div className="note-acts">{action}</div>}
    </div>
  );
}
