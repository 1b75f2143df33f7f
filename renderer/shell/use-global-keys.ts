import { useEffect } from 'react';
import { tinykeys } from 'tinykeys';
import { navigate } from '../client/hash-location.ts';
import { useAppStore, useUndo } from '../state/use-app.ts';

/** Letters after G, by place. */
export const placeLetters = {
  c: '/chat',
  f: '/facts',
  i: '/inbox',
  l: '/lessons',
  t: '/train',
  r: '/report',
  v: '/versions',
  m: '/models',
  s: '/settings',
} as const;

/** The keys that work on every screen, in fields too. Single letters stay out of fields, and can be switched off. */
export function useGlobalKeys(): void {
  const store = useAppStore();
  const undo = useUndo();

  useEffect(() => {
    const openPalette = (event: KeyboardEvent) => {
      event.preventDefault();
      store.setState({ isPaletteOpen: true });
    };
    const search = (event: KeyboardEvent) => {
      const field = document.querySelector<HTMLInputElement>('[data-search]');
      if (field === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    };
    const letter = (act: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
      const areLettersOn = store.getState().settings?.letterKeys ?? true;
      if (areLettersOn && !isDialogOpen()) act(event);
    };
    const pressPrimary = (event: KeyboardEvent) => {
      const button = document.querySelector<HTMLButtonElement>('.screen-acts .button-primary');
      if (isDialogOpen() || button === null || button.disabled) return;
      take(event);
      button.click();
    };
    // Before a list hears of them, whose rows have letters of their own.
    const first = {
      ...Object.fromEntries(
        Object.entries(placeLetters).map(([key, path]) => [
          `g ${key}`,
          letter((event) => {
            take(event);
            navigate(path);
          }),
        ]),
      ),
      '$mod+Enter': (event: KeyboardEvent) => {
        if (!isTyping(event.target)) pressPrimary(event);
      },
    };
    const keys = {
      '$mod+KeyK': openPalette,
      '$mod+KeyF': search,
      '/': letter(search),
      '?': letter((event) => {
        event.preventDefault();
        store.setState({ isHelpOpen: true });
      }),
      'Shift+?': letter((event) => {
        event.preventDefault();
        store.setState({ isHelpOpen: true });
      }),
      n: letter((event) => {
        if (!location.hash.startsWith('#/facts')) return;
        event.preventDefault();
        navigate(`/facts/new${/\?.*/u.exec(location.hash)?.[0] ?? ''}`);
      }),
      F6: (event: KeyboardEvent) => {
        event.preventDefault();
        focusNextRegion(1);
      },
      'Shift+F6': (event: KeyboardEvent) => {
        event.preventDefault();
        focusNextRegion(-1);
      },
      '$mod+Enter': pressPrimary,
      '$mod+KeyZ': (event: KeyboardEvent) => {
        if (isTyping(event.target) || store.getState().acts.length === 0) return;
        event.preventDefault();
        void undo();
      },
      Escape: (event: KeyboardEvent) => {
        if (event.defaultPrevented || isDialogOpen()) return;
        const wasFailure = store.getState().failure !== null;
        store.setState({ failure: null, notice: null });
        // A failure is what lies on top; what was done well needs no key of its own.
        if (!wasFailure) document.querySelector<HTMLButtonElement>('.pane-close button')?.click();
      },
    };
    const leaveFirst = tinykeys(window, first, { ignore, capture: true });
    const leave = tinykeys(window, keys, { ignore });
    return () => {
      leaveFirst();
      leave();
    };
  }, [store, undo]);
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

const ignore = (event: KeyboardEvent): boolean =>
  event.repeat ||
  event.isComposing ||
  (isTyping(event.target) && event.key.length === 1 && !event.ctrlKey && !event.metaKey);

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio])'))
  );
}

const isDialogOpen = (): boolean => document.querySelector('[role=dialog], [role=alertdialog]') !== null;

/** Moves the focus to the next part of the page that is there. */
function focusNextRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const now = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(now + by + regions.length) % regions.length];
  next?.focus();
}
