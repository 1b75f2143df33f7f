/** The addresses that a window meets: its own page, links into the app, links out of it. Pure functions. */

/** Scheme and host of the page in the window. */
export const pageOrigin = 'app://keepsake';

/** What the page says once, to its preload script and through it to the main program, with the other end of its port. */
export const portGreeting = 'keepsake:connect';

/** Scheme of links into the app: `keepsake://facts/ID`. */
export const linkScheme = 'keepsake';

const places: ReadonlySet<string> = new Set([
  ...['chat', 'facts', 'inbox', 'lessons', 'train', 'report', 'versions', 'models', 'settings'],
]);

/** True for an address of the window's own page. */
export function isOwnPage(address: string): boolean {
  return address === pageOrigin || address.startsWith(`${pageOrigin}/`);
}

/** The page's address for a place in it ("/facts/ID"). */
export function pageAddress(path: string): string {
  return `${pageOrigin}/index.html#${path}`;
}

/**
 * The place that a link leads to, or undefined where it is none of ours.
 *
 * Whoever makes a link may be a stranger: it names a place and, at most, an id; no query and nothing that acts.
 */
export function placeOf(link: string): string | undefined {
  const [, path = ''] = /^keepsake:\/\/([\w/-]{1,200}?)\/?$/u.exec(link) ?? [];
  const [place = '', ...rest] = path.split('/');
  return places.has(place) && rest.length <= 1 ? `/${path}` : undefined;
}

/** The first link into the app among a command line's arguments. */
export function placeAmong(args: readonly string[]): string | undefined {
  return args.map(placeOf).find((place) => place !== undefined);
}

/** An address that a browser may be asked to open: https, without a name or a password in it. */
export function externalAddress(text: string): string | undefined {
  const url = URL.parse(text);
  const isPlain = url !== null && url.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url.href : undefined;
}

/** The question before an address outside is opened; the first answer opens it. */
export function outsideQuestion(address: string) {
  const message = 'Open this page in your browser?';
  return {
    type: 'question' as const,
    message,
    detail: address,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  };
}

/** What follows an option of a command line. */
export function optionOf(args: readonly string[], name: string): string | undefined {
  const given = args.find((arg) => arg.startsWith(`${name}=`));
  if (given !== undefined) return given.slice(name.length + 1);
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}
