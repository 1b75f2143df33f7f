import type { ReactNode } from 'react';

export type EmptyStateProps = {
  readonly title: string;
  /** What this place is. */
  readonly children: ReactNode;
  /** Examples of what would stand here. */
  readonly example?: ReactNode;
  readonly action?: ReactNode;
};

/** What an empty place is for, one example, one button. */
export function EmptyState({ title, children, example, action }: EmptyStateProps) {
  return (
    <div className="empty">
      <h2 className="empty-title">{title}</h2>
      <div className="empty-words">{children}</div>
      {example !== undefined && <div className="empty-example">{example}</div>}
      {action !== undefined && <div className="empty-action">{action}</div>}
    </div>
  );
}
