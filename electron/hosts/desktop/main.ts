/** The window's main program: opens the data folder, one window, one port. What the app does is in the core. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app, clipboard, dialog, ipcMain, shell, type BrowserWindow } from 'electron';
import { exitCodeOf, toAppError } from '../../contract/errors.ts';
import { composeHosted, type HostedApp } from '../compose-hosted.ts';
import { dataPathsOf } from '../compose-folder.ts';
import { linkScheme, optionOf, pageAddress, placeAmong, placeOf, portGreeting } from '../window/addresses.ts';
import { builtPage } from '../page/built.ts';
import { servePort } from '../port/serve-port.ts';
import { createHostApi } from '../window/host-api.ts';
import { setMenu } from './menu.ts';
import { announceScheme, createPageSession } from './page-session.ts';
import { watchQuitting } from './quitting.ts';
import { isTrustedSender } from './trusted-sender.ts';
import { openWindow } from './windows.ts';

const given = optionOf(process.argv, '--data');
const data = dataPathsOf(given === undefined ? undefined : resolve(given)).data;
// Electron's own files lie in the data folder too, so that there is one window for each.
const ownFolder = join(data, 'window');

let firstPlace = placeAmong(process.argv) ?? '/';
let focus = (): BrowserWindow | undefined => undefined;

/** Shows the window, at a place of the page where one is named. */
function go(place: string | undefined): void {
  firstPlace = place ?? firstPlace;
  const window = focus();
  if (place !== undefined) void window?.loadURL(pageAddress(place));
}

function open(core: HostedApp): void {
  const opened = openWindow(createPageSession(builtPage), ownFolder, firstPlace);
  const leaving = watchQuitting(core, opened);
  focus = () => {
    leaving.show();
    if (opened.isMinimized()) opened.restore();
    opened.focus();
    return opened;
  };
  setMenu(go, data);
  const host = createHostApi(
    {
      chooseOpen: (options) => dialog.showOpenDialog(opened, options),
      chooseSave: (options) => dialog.showSaveDialog(opened, options),
      openPath: (path) => shell.openPath(path),
      writeText: (text) => clipboard.writeText(text),
    },
    data,
  );
  const router = { ...core.router, ...host };
  ipcMain.on(portGreeting, ({ ports, sender, senderFrame }) => {
    if (sender !== opened.webContents || !isTrustedSender(senderFrame)) ports.forEach((each) => each.close());
    else ports.slice(0, 1).forEach((port) => servePort(port, router));
  });
  for (const message of core.notices) void dialog.showMessageBox(opened, { type: 'warning', message });
}

async function start(): Promise<void> {
  await app.whenReady();
  try {
    open(await composeHosted({ data }));
  } catch (error) {
    const { code, message, hint } = toAppError(error);
    dialog.showErrorBox(message, hint ?? '');
    app.exit(exitCodeOf(code));
  }
}

try {
  mkdirSync(ownFolder, { recursive: true, mode: 0o700 });
  app.setPath('userData', ownFolder);
} catch {
  // Opening the data folder says what is wrong with it.
}
announceScheme();
if (app.requestSingleInstanceLock()) {
  app.setAsDefaultProtocolClient(linkScheme);
  app.on('second-instance', (_event, args) => go(placeAmong(args)));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    go(placeOf(link));
  });
  void start();
} else {
  app.exit(0);
}
