import { app, dialog, Menu, nativeImage, Notification, Tray, type BrowserWindow } from 'electron';
import type { HostedApp } from '../compose-hosted.ts';
import { createLeaving, leavingQuestion, trayImage, type Leaving } from '../window/leaving.ts';

/** Sees to it that the app is left properly on every way out, and that the end of a training is told. */
export function watchQuitting(core: HostedApp, window: BrowserWindow): Leaving {
  let tray: Tray | undefined;
  const leaving = createLeaving(core, {
    ask: async () => {
      const { response } = await dialog.showMessageBox(window, leavingQuestion());
      return response;
    },
    hide: () => {
      window.hide();
      tray = new Tray(nativeImage.createFromDataURL(trayImage));
      tray.setToolTip('Keepsake is learning');
      const items = [
        { label: 'Open Keepsake', click: leaving.show },
        { label: 'Stop and quit', click: () => void leaving.stop() },
      ];
      tray.setContextMenu(Menu.buildFromTemplate(items));
    },
    show: () => {
      tray?.destroy();
      window.show();
    },
    notify: (body) => {
      if (!window.isFocused() && Notification.isSupported())
        new Notification({ title: 'Keepsake', body }).show();
    },
    restart: () => app.relaunch(),
    exit: () => app.exit(0),
  });
  const ask = (event: { readonly preventDefault: () => void }): void => {
    event.preventDefault();
    void leaving.leave();
  };
  app.on('before-quit', ask);
  window.on('close', ask);
  app.on('activate', leaving.show);
  return leaving;
}
