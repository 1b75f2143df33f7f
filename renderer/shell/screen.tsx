import { X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { IconButton } from '../components/icon-button.tsx';
import { text } from '../text/en.ts';

export type ScreenProps = {
  /** The H1, and the title of the page. */
  readonly title: string;
  /** Stands beside the H1: a count, a state. */
  readonly aside?: ReactNode;
  /** The one primary action; give it `data-primary` through `Button kind="primary"`: Ctrl/Cmd+Enter presses it. */
  readonly primary?: ReactNode;
  readonly secondary?: ReactNode;
  readonly children: ReactNode;
  /** Details of what is chosen: a pane at the right, a drawer where the page is narrow. */
  readonly pane?: ReactNode;
  readonly paneLabel?: string;
  readonly onClosePane?: () => void;
  /** The content fills the height and scrolls inside itself (long lists, chat). */
  readonly isFilled?: boolean;
};

let lastPlace: string | null = null;
/** The heading of a screen that stood in for one that was still loading hands its focus on. */
let wasHeadingFocused = false;

/** The frame of one screen: one H1, at most one primary action, content, details. */
export function Screen({
  title,
  aside,
  primary,
  secondary,
  children,
  pane,
  paneLabel,
  onClosePane,
  isFilled = false,
}: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [path] = useLocation();
  // A screen that is on its way out hears of the new place too: only the one it came up with counts.
  const place = useRef(path.split('/')[1] ?? '');
  useEffect(() => {
    document.title = text.shell.title(title);
  }, [title]);
  useEffect(() => {
    // After a change of place the reader begins at its heading; the very first screen leaves the focus alone.
    const isNew = lastPlace !== null && lastPlace !== place.current;
    if (isNew || wasHeadingFocused) heading.current?.focus();
    lastPlace = place.current;
  }, []);
  useLayoutEffect(() => {
    const node = heading.current;
    return () => {
      wasHeadingFocused = node !== null && document.activeElement === node;
    };
  }, []);

  return (
    <>
      <main className={`screen${isFilled ? ' is-filled' : ''}`} id="content" tabIndex={-1} data-region>
        <header className="screen-header">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {aside !== undefined && <div className="screen-aside">{aside}</div>}
          <div className="screen-acts">
            {secondary}
            {primary}
          </div>
        </header>
        <div className="screen-content">{children}</div>
      </main>
      {pane !== undefined && pane !== null && (
        <Pane label={paneLabel ?? text.shell.pane} onClose={onClosePane}>
          {pane}
        </Pane>
      )}
    </>
  );
}

type PaneProps = {
  readonly label: string;
  readonly children: ReactNode;
  readonly onClose: (() => void) | undefined;
};

function Pane({ label, children, onClose }: PaneProps) {
  return (
    <aside className="pane" aria-label={label} data-region tabIndex={-1}>
      {onClose !== undefined && (
        <div className="pane-close">
          <IconButton label={text.shell.closePane} icon={<X aria-hidden size={16} />} onPress={onClose} />
        </div>
      )}
      {children}
    </aside>
  );
}
