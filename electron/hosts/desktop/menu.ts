import { app, Menu, shell, type MenuItemConstructorOptions } from 'electron';

const places = ['Chat', 'Facts', 'Inbox', 'Lessons', 'Train', 'Report', 'Versions', 'Models', 'Settings'];

/** Sets the native menu; `go` shows a place of the page. */
export function setMenu(go: (place: string) => void, dataFolder: string): void {
  const isMac = process.platform === 'darwin';
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: 'File',
      submenu: [
        { label: 'Open data folder', click: () => void shell.openPath(dataFolder) },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    { label: 'Go', submenu: places.map((label) => ({ label, click: () => go(`/${label.toLowerCase()}`) })) },
    {
      label: 'View',
      submenu: [
        ...[{ role: 'resetZoom' as const }, { role: 'zoomIn' as const }, { role: 'zoomOut' as const }],
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
