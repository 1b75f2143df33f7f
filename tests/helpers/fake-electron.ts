/**
 * As much of `electron` as the window's programs use, typed against its own declarations. Ports are real: what goes through
 * them is cloned as between processes. Nothing is drawn; what the programs ask for is written down.
 */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type Electron from 'electron';

type WindowOptions = Electron.BrowserWindowConstructorOptions;
type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

class FakeContents extends EventEmitter {
  readonly loaded: string[] = [];
  reloads = 0;
  openHandler: OpenHandler | undefined;
  readonly mainFrame = { parent: null, url: 'app://keepsake/index.html' };
  reload(): void {
    this.reloads += 1;
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  /** Would this navigation of the page go on? */
  navigates(event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate', url: string): boolean {
    return !isPrevented(this, event, { url });
  }
}

class FakeWindow extends EventEmitter {
  readonly options: WindowOptions;
  readonly webContents = new FakeContents();
  readonly acts: string[] = [];
  isFocusedNow = true;
  maximised = false;
  constructor(options: WindowOptions) {
    super();
    this.options = options;
  }
  loadURL(url: string): Promise<void> {
    this.webContents.loaded.push(url);
    return Promise.resolve();
  }
  getNormalBounds(): Electron.Rectangle {
    return { x: 10, y: 20, width: 900, height: 700 };
  }
  isMaximized(): boolean {
    return this.maximised;
  }
  isMinimized(): boolean {
    return false;
  }
  isFocused(): boolean {
    return this.isFocusedNow;
  }
  maximize = (): void => void (this.maximised = true);
  setBackgroundColor = (colour: string): void => void this.acts.push(`colour ${colour}`);
  show = (): void => void this.acts.push('show');
  hide = (): void => void this.acts.push('hide');
  focus = (): void => void this.acts.push('focus');
  restore = (): void => void this.acts.push('restore');
}

/** Node's port as Electron's main program sees it. */
class FakePort extends EventEmitter {
  readonly #port: MessagePort;
  isClosed = false;
  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
    port.on('close', () => this.emit('close'));
  }
  postMessage(message: unknown): void {
    this.#port.postMessage(message);
  }
  start(): void {
    this.#port.start();
  }
  close(): void {
    this.isClosed = true;
    this.#port.close();
  }
}

/** Emits an event that may be prevented, and tells whether it was. */
function isPrevented(emitter: EventEmitter, name: string, event: object = {}): boolean {
  let prevented = false;
  emitter.emit(name, { ...event, preventDefault: () => (prevented = true) });
  return prevented;
}

export type FakeElectron = ReturnType<typeof createFakeElectron>;

/** A new one for each start of the main program. */
export function createFakeElectron(options: { readonly isFirst?: boolean } = {}) {
  const windows: FakeWindow[] = [];
  const outside: string[] = [];
  const boxes: Electron.MessageBoxOptions[] = [];
  const errors: { title: string; content: string }[] = [];
  const exits: number[] = [];
  const starts: number[] = [];
  const notifications: string[] = [];
  const trays: { items: { label: string; click: () => void }[]; isGone: boolean }[] = [];
  const answers: number[] = [];
  const chosen: Electron.OpenDialogOptions[] = [];
  const written: string[] = [];
  const schemes: Electron.CustomScheme[] = [];
  const menus: Electron.MenuItemConstructorOptions[][] = [];
  let pageHandler: ((request: Request) => Response | Promise<Response>) | undefined;
  const permissions: { request?: unknown; check?: unknown; device?: unknown; before?: unknown } = {};

  const appEvents = new EventEmitter();
  const app = Object.assign(appEvents, {
    isPackaged: true,
    whenReady: () => Promise.resolve(),
    setPath: () => undefined,
    requestSingleInstanceLock: () => options.isFirst ?? true,
    setAsDefaultProtocolClient: () => true,
    exit: (code = 0) => void exits.push(code),
    relaunch: () => void starts.push(exits.length),
  }) satisfies Partial<Record<keyof Electron.App, unknown>>;

  const ipcMain = new EventEmitter();
  const pageSession = Object.assign(new EventEmitter(), {
    protocol: { handle: (_scheme: string, handler: typeof pageHandler) => void (pageHandler = handler) },
    setPermissionRequestHandler: (handler: unknown) => void (permissions.request = handler),
    setPermissionCheckHandler: (handler: unknown) => void (permissions.check = handler),
    setDevicePermissionHandler: (handler: unknown) => void (permissions.device = handler),
    webRequest: { onBeforeRequest: (handler: unknown) => void (permissions.before = handler) },
  }) satisfies Partial<Record<keyof Electron.Session, unknown>>;

  class Window extends FakeWindow {
    constructor(windowOptions: WindowOptions) {
      super(windowOptions);
      windows.push(this);
    }
  }
  class Tray extends EventEmitter {
    readonly #entry = { items: [] as { label: string; click: () => void }[], isGone: false };
    constructor() {
      super();
      trays.push(this.#entry);
    }
    setToolTip(): void {
      // Drawn by the system.
    }
    setContextMenu(items: { label: string; click: () => void }[]): void {
      this.#entry.items = items;
    }
    destroy(): void {
      this.#entry.isGone = true;
    }
  }
  class Notification {
    readonly #body: string;
    constructor({ body = '' }: Electron.NotificationConstructorOptions) {
      this.#body = body;
    }
    static isSupported(): boolean {
      return true;
    }
    show(): void {
      notifications.push(this.#body);
    }
  }

  const module = {
    app,
    ipcMain,
    BrowserWindow: Window,
    Tray,
    Notification,
    session: { fromPartition: () => pageSession },
    protocol: {
      registerSchemesAsPrivileged: (given: Electron.CustomScheme[]) => void schemes.push(...given),
    },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: false }),
    nativeImage: { createFromDataURL: (data: string) => ({ data }) },
    clipboard: { writeText: (text: string) => void written.push(text) },
    shell: {
      openExternal: (url: string) => Promise.resolve(void outside.push(url)),
      openPath: (path: string) => {
        outside.push(path);
        return Promise.resolve('');
      },
    },
    dialog: {
      showMessageBox: (_window: unknown, box: Electron.MessageBoxOptions) => {
        boxes.push(box);
        return Promise.resolve({ response: answers.shift() ?? box.cancelId ?? 0, checkboxChecked: false });
      },
      showErrorBox: (title: string, content: string) => void errors.push({ title, content }),
      showOpenDialog: (_window: unknown, open: Electron.OpenDialogOptions) => {
        chosen.push(open);
        return Promise.resolve({ canceled: false, filePaths: ['/models/own.gguf'] });
      },
      showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
    },
    Menu: {
      buildFromTemplate: (items: Electron.MenuItemConstructorOptions[]) => items,
      setApplicationMenu: (items: Electron.MenuItemConstructorOptions[]) => void menus.push(items),
    },
  } satisfies Partial<Record<keyof typeof Electron, unknown>>;

  return {
    module,
    ...{
      windows,
      outside,
      boxes,
      errors,
      exits,
      starts,
      notifications,
      trays,
      answers,
      chosen,
      written,
      schemes,
      menus,
    },
    permissions,
    fetchPage: (url: string, method = 'GET') => {
      if (pageHandler === undefined) throw new Error('no handler of app://');
      return pageHandler(new Request(url, { method }));
    },
    isPrevented,
    /** The ports that a preload script passes on, as the main program gets them. */
    send: (
      channel: string,
      ports: readonly MessagePort[],
      from: { readonly sender?: unknown; readonly senderFrame?: unknown } = {},
    ) => {
      const [window] = windows;
      const wrapped = ports.map((port) => new FakePort(port));
      const { sender = window?.webContents, senderFrame = window?.webContents.mainFrame } = from;
      ipcMain.emit(channel, { ports: wrapped, sender, senderFrame }, null);
      return wrapped;
    },
    createChannel: () => new MessageChannel(),
  };
}
