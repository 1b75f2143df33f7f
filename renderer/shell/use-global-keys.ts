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

/** The keys that work on every screen. Single letters stay out of fields, and can be switched off. */
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
      if (areLettersOn && !isTyping(event.target) && !isDialogOpen()) act(event);
    };
    return tinykeys(window, {
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
      ...Object.fromEntries(
        Object.entries(placeLetters).map(([key, path]) => [`g ${key}`, letter(() => navigate(path))]),
      ),
      F6: (event) => {
        event.preventDefault();
        focusNextRegion(1);
      },
      'Shift+F6': (event) => {
        event.preventDefault();
        focusNextRegion(-1);
      },
      '$mod+Enter': (event) => {
        if (isDialogOpen()) return;
        const button = document.querySelector<HTMLButtonElement>('.screen-acts .button-primary');
        if (button === null || button.disabled) return;
        event.preventDefault();
        button.click();
      },
      '$mod+KeyZ': (event) => {
        if (isTyping(event.target) || store.getState().acts.length === 0) return;
        event.preventDefault();
        void undo();
      },
      Escape: (event) => {
        if (event.defaultPrevented || isDialogOpen()) return;
        document.querySelector<HTMLButtonElement>('.pane-close button')?.click();
      },
    });
  }, [store, undo]);
}

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
