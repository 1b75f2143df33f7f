import { useCallback, useEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Router } from 'wouter';
import type { Client } from './client/connect.ts';
import { useHashPath, useHashQuery } from './client/hash-location.ts';
import { LiveRegion } from './components/live-region.tsx';
import { UndoBar } from './components/undo-bar.tsx';
import { Routes } from './routes.tsx';
import { FailureNote } from './shell/failure-note.tsx';
import { HelpDialog } from './shell/help-dialog.tsx';
import { PaletteSlot } from './shell/palette-slot.tsx';
import { Rail } from './shell/rail.tsx';
import { Strip } from './shell/strip.tsx';
import { useGlobalKeys } from './shell/use-global-keys.ts';
import type { AppStore } from './state/store.ts';
import { AppContext, useApp, useAppStore, useUndo } from './state/use-app.ts';
import { text } from './text/en.ts';

export type AppProps = { readonly client: Client; readonly store: AppStore };

/** The page: rail, screen and strip, over one store and one client. */
export function App({ client, store }: AppProps) {
  const app = useMemo(() => ({ client, store }), [client, store]);
  return (
    <I18nProvider locale="en-GB">
      <AppContext value={app}>
        <Router hook={useHashPath} searchHook={useHashQuery} hrefs={useHashPath.hrefs}>
          <Shell />
        </Router>
      </AppContext>
    </I18nProvider>
  );
}

function Shell() {
  const store = useAppStore();
  const undo = useUndo();
  const [path] = useHashPath();
  const notice = useApp((state) => state.notice);
  const announcement = useApp((state) => state.announcement);
  const connection = useApp((state) => state.connection);
  const dismiss = useCallback(() => store.setState({ notice: null }), [store]);
  useLook();
  useGlobalKeys();
  const isEnded = useApp((state) => state.isEnded);
  if (isEnded) {
    return (
      <main className="empty">
        <h1>{text.settings.ended}</h1>
        <p>{text.settings.endedWords}</p>
      </main>
    );
  }
  const isWelcome = path.startsWith('/welcome');

  return (
    <div className={`shell${isWelcome ? ' is-welcome' : ''}`}>
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          // The hash is the route: only the focus moves.
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {text.shell.skip}
      </a>
      {!isWelcome && <Rail />}
      {connection === 'lost' && <p className="lost-line">{text.shell.lost}</p>}
      <Routes />
      <div className="notices">
        <FailureNote />
        {notice !== null && <UndoBar notice={notice} onUndo={() => void undo()} onDismiss={dismiss} />}
      </div>
      <Strip />
      <LiveRegion words={announcement} />
      <PaletteSlot />
      <HelpDialog />
    </div>
  );
}

/** Theme and density as they were set; `system` leaves the theme to the system. */
function useLook(): void {
  const theme = useApp((state) => state.settings?.theme ?? 'system');
  const density = useApp((state) => state.settings?.density ?? 'comfortable');
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'system') delete dataset.theme;
    else dataset.theme = theme;
    dataset.density = density;
  }, [theme, density]);
}
