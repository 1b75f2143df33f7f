/** What a user may name to `models get`: an id of the catalogue, hf:owner/repository/file, or an address. */
import type { CatalogueEntry } from '../../contract/entities/catalogue.ts';
import { AppError } from '../../contract/errors.ts';

export type ModelSource =
  | {
      readonly kind: 'hub';
      readonly repository: string;
      readonly revision: string;
      /** Undefined: the repository alone was named. */
      readonly file: string | undefined;
      readonly entry: CatalogueEntry | undefined;
    }
  | { readonly kind: 'address'; readonly url: string; readonly host: string; readonly name: string };

/** Reads what was named. Addresses of a known hub are taken for the files that they mean. */
export function parseModelSource(
  text: string,
  catalogue: readonly CatalogueEntry[],
  endpoints: readonly string[],
): ModelSource {
  const wanted = text.trim();
  const entry = catalogue.find(({ id }) => id === wanted.toLowerCase());
  if (entry !== undefined) {
    const { repository, revision, file } = entry.source;
    return { kind: 'hub', repository, revision, file, entry };
  }
  if (/^hf:/iu.test(wanted)) return fromHubPath(wanted.slice(3).replace(/^\/\//u, ''), text, catalogue);
  if (/^https?:\/\//iu.test(wanted)) return fromAddress(wanted, text, catalogue, endpoints);
  throw unknownSource(text);
}

function fromHubPath(path: string, text: string, catalogue: readonly CatalogueEntry[]): ModelSource {
  const parts = path.split('/').map((part) => part.trim());
  const [owner, name, ...rest] = parts;
  if (!isName(owner) || !isName(name) || !rest.every(isName)) throw unknownSource(text);
  const file = rest.length === 0 ? undefined : rest.join('/');
  return hubFile(`${owner}/${name}`, 'main', file, catalogue);
}

function fromAddress(
  address: string,
  text: string,
  catalogue: readonly CatalogueEntry[],
  endpoints: readonly string[],
): ModelSource {
  const url = URL.parse(address);
  if (url === null || url.host === '') throw unknownSource(text);
  if (url.username !== '' || url.password !== '') {
    throw new AppError('invalid-input', 'An address with a name or a password in it is not used, nor kept.', {
      hint: 'Name one that opens without, or download the file yourself and add it.',
    });
  }
  const segments = url.pathname.split('/').slice(1).map(decode);
  const [owner, name, verb, revision, ...rest] = segments;
  const isHub = endpoints.some((endpoint) => URL.parse(endpoint)?.host === url.host);
  if (isHub && (verb === 'resolve' || verb === 'blob') && revision !== undefined && rest.length > 0) {
    if (!isName(owner) || !isName(name) || !isName(revision) || !rest.every(isName))
      throw unknownSource(text);
    return hubFile(`${owner}/${name}`, revision, rest.join('/'), catalogue);
  }
  return {
    kind: 'address',
    url: url.href,
    host: url.host.replace(/[^\w.-]/gu, '_'),
    name: toFileName(segments.at(-1) ?? ''),
  };
}

function hubFile(
  repository: string,
  revision: string,
  file: string | undefined,
  catalogue: readonly CatalogueEntry[],
): ModelSource {
  if (file !== undefined && /-\d{5}-of-\d{5}\.gguf$/iu.test(file)) {
    throw new AppError('invalid-input', `${file} is one of several parts, which Keepsake does not join.`, {
      hint: 'Choose a file that is whole, or another quantisation.',
    });
  }
  const entry = catalogue.find(({ source }) => source.repository === repository && source.file === file);
  return { kind: 'hub', repository, revision, file, entry };
}

/** One step of a path: no way up, nothing hidden, nothing a file system minds. */
function isName(part: string | undefined): part is string {
  return part !== undefined && /^[\w][\w.+ -]*$/u.test(part) && !part.includes('..');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A file name from an address, whatever stands in it. */
function toFileName(segment: string): string {
  const safe = segment
    .replace(/[^\w.-]/gu, '_')
    .replace(/^[._]+/u, '')
    .slice(-120);
  const name = safe === '' ? 'model' : safe;
  return /\.gguf$/iu.test(name) ? name : `${name}.gguf`;
}

function unknownSource(text: string): AppError {
  return new AppError('not-found', `There is no model "${text}" in the catalogue.`, {
    hint: 'See: keepsake models search. Or name hf:owner/repository/file, or an address that begins with https://',
  });
}
