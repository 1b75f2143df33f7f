import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen, shell, type Session } from 'electron';
import { externalAddress, isOwnPage, outsideQuestion, pageAddress } from '../window/addresses.ts';
import { builtPreload } from '../page/built.ts';
import { readWindowState, writeWindowState } from '../window/window-state.ts';

/** A page that crashes again within this time is not loaded a third time by itself. */
const crashPauseMs = 10_000;

/** Opens the one window, where it stood last, at a place of the page. */
export function openWindow(page: Session, folder: string, place: string): BrowserWindow {
  const stateFile = join(folder, 'window.json');
  const { maximised, ...bounds } = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 600,
    minHeight: 400,
    title: 'Keepsake',
    backgroundColor: canvasColour(),
    webPreferences: {
      session: page,
      preload: builtPreload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  if (maximised === true) window.maximize();
  nativeTheme.on('updated', () => window.setBackgroundColor(canvasColour()));
  const keep = (): void =>
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximised: window.isMaximized() });
  window.on('close', keep);
  app.on('before-quit', keep);
  guard(window);
  reloadAfterCrash(window);
  void window.loadURL(pageAddress(place));
  return window;
}

/** The page goes nowhere; an address outside is opened by the system's browser, after asking. */
function guard(window: BrowserWindow): void {
  const { webContents: contents } = window;
  const stay = (event: { readonly url: string; readonly preventDefault: () => void }): void => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    void offerOutside(window, url);
    return { action: 'deny' };
  });
}

async function offerOutside(window: BrowserWindow, url: string): Promise<void> {
  const address = externalAddress(url);
  if (address === undefined) return;
  const { response } = await dialog.showMessageBox(window, outsideQuestion(address));
  if (response === 0) await shell.openExternal(address);
}

/** Jobs go on without the page; a new one finds them again. */
function reloadAfterCrash(window: BrowserWindow): void {
  let lastAt = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const isAgain = Date.now() - lastAt < crashPauseMs;
    lastAt = Date.now();
    if (!isAgain) {
      window.webContents.reload();
      return;
    }
    void dialog
      .showMessageBox(window, {
        type: 'error',
        message: `The page stopped twice (${reason}). Your data is safe, and a training goes on.`,
        buttons: ['Load it again'],
      })
      .then(() => window.webContents.reload());
  });
}

function canvasColour(): string {
  return nativeTheme.shouldUseDarkColors ? '#161513' : '#F6F5F2';
}
