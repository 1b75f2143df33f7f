import { protocol, session, type Session } from 'electron';
import { isAllowedRequest, respondWithPage } from '../window/page-response.ts';

/** To be called before Electron is ready. */
export function announceScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }]);
}

/** The window's browser session: on disk it keeps nothing, it reaches nothing but the page, and allows nothing. */
export function createPageSession(pageFolder: string): Session {
  const page = session.fromPartition('keepsake');
  page.protocol.handle('app', (request) => respondWithPage(request, pageFolder));
  page.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  page.setPermissionCheckHandler(() => false);
  page.setDevicePermissionHandler(() => false);
  page.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isAllowedRequest(url) }));
  page.on('will-download', (event) => event.preventDefault());
  return page;
}
