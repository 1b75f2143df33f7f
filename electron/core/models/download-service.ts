/**
 * Finding a model and getting it: catalogue first, the hub only when it is asked for by name.
 *
 * A download is looked into by the training program before it has its final name, and registered afterwards. Whatever
 * ends in between, the same command goes on: bytes are kept, a finished file is found again by its hash.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueEntry, DownloadReport, HubModel } from '../../contract/entities/catalogue.ts';
import { AppError } from '../../contract/errors.ts';
import type { DownloadPhase, Downloader, Machine, ModelInspection } from '../dependencies.ts';
import { faultPoint } from '../util/fault-point.ts';
import { searchCatalogue } from './catalogue.ts';
import { hashFile } from './file-identity.ts';
import { fitReportOf } from './fit-report.ts';
import { fileUrl, parseSearch, parseTree, searchUrl, treeUrl, type HubFile } from './hub.ts';
import type { KnownFile, ModelOptions, ModelService } from './model-service.ts';
import { readModelFacts } from './model-shape.ts';
import { parseModelSource, type ModelSource } from './model-source.ts';

export type DownloadServiceInput = {
  readonly downloader: Downloader;
  readonly models: Pick<ModelService, 'add' | 'inspect' | 'findBySha256' | 'assertUnchanged'>;
  readonly machine: Machine;
  readonly loadCatalogue: () => readonly CatalogueEntry[];
  /** Where downloads lie. */
  readonly modelsFolder: string;
  readonly defaultModelFile: string;
  readonly endpoints: readonly string[];
};

export type DownloadWish = {
  readonly source: string;
  readonly sha256?: string | undefined;
  readonly mirrors?: readonly string[] | undefined;
};

/** What is known about a file before its first byte is asked for. */
type Plan = {
  readonly urls: readonly string[];
  readonly file: string;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly hashFrom: DownloadReport['hashFrom'];
  readonly licence: string | null;
};

const phaseTitles: Readonly<Record<DownloadPhase, string>> = {
  ask: 'Asking for the file',
  download: 'Downloading',
  flush: 'Writing to the disk',
  verify: 'Checking the download',
  inspect: 'Looking into the model',
  rename: 'Putting it in its place',
};

export type DownloadService = ReturnType<typeof createDownloadService>;

/** Use cases of search and download. */
export function createDownloadService(input: DownloadServiceInput) {
  const { downloader, models, endpoints } = input;

  const listFiles = async (
    source: ModelSource & { kind: 'hub' },
    hubs: readonly string[],
    signal: AbortSignal,
  ) => {
    let failure: unknown;
    for (const endpoint of hubs) {
      try {
        return parseTree(
          await downloader.readJson(treeUrl(endpoint, source.repository, source.revision), { signal }),
        );
      } catch (error) {
        if (signal.aborted) throw error;
        failure ??= error;
      }
    }
    throw failure;
  };

  const planHub = async (
    source: ModelSource & { kind: 'hub' },
    wish: DownloadWish,
    signal: AbortSignal,
  ): Promise<Plan> => {
    const { repository, revision, entry } = source;
    const hubs = [...endpoints, ...(wish.mirrors ?? [])];
    const wanted = wish.sha256 ?? entry?.sha256 ?? null;
    // What the catalogue knows needs no question.
    const told =
      (entry === undefined ? undefined : knownFile(entry)) ??
      chooseFile(source, await listFiles(source, hubs, signal));
    if (wanted !== null && told.sha256 !== null && wanted !== told.sha256) {
      throw new AppError(
        'download-corrupt',
        `The file at the hub has the SHA-256 ${told.sha256}, expected was ${wanted}.`,
        { hint: 'Nothing was downloaded. Check the hash, or choose another file.' },
      );
    }
    const isDefault = entry !== undefined && input.defaultModelFile.endsWith(entry.source.file);
    return {
      urls: hubs.map((endpoint) => fileUrl(endpoint, repository, revision, told.path)),
      file: isDefault
        ? input.defaultModelFile
        : join(input.modelsFolder, ...repository.split('/'), ...told.path.split('/')),
      sizeBytes: told.sizeBytes > 0 ? told.sizeBytes : null,
      sha256: wanted ?? told.sha256,
      hashFrom:
        wish.sha256 !== undefined
          ? 'user'
          : wanted !== null
            ? 'catalogue'
            : told.sha256 !== null
              ? 'hub'
              : 'nobody',
      licence: entry?.licence.id ?? null,
    };
  };

  const makePlan = async (wish: DownloadWish, signal: AbortSignal): Promise<Plan> => {
    const source = parseModelSource(wish.source, input.loadCatalogue(), endpoints);
    if (source.kind === 'hub') return planHub(source, wish, signal);
    return {
      urls: [source.url, ...(wish.mirrors ?? [])],
      file: join(input.modelsFolder, source.host, source.name),
      sizeBytes: null,
      sha256: wish.sha256 ?? null,
      hashFrom: wish.sha256 === undefined ? 'nobody' : 'user',
      licence: null,
    };
  };

  /** A model of that content that is there already, wherever it lies. */
  const findPresent = async (plan: Plan, options: ModelOptions): Promise<string | undefined> => {
    const { sha256 } = plan;
    if (sha256 === null) return existsSync(plan.file) ? plan.file : undefined;
    const known = models.findBySha256(sha256);
    if (known !== undefined && existsSync(known.file)) {
      const same = await models.assertUnchanged(known, options).catch(() => undefined);
      if (same !== undefined) return same.file;
    }
    for (const file of new Set([plan.file, input.defaultModelFile])) {
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats?.isFile() !== true || (plan.sizeBytes !== null && stats.size !== plan.sizeBytes)) continue;
      if ((await hashFile(file, { signal: options.signal })) === sha256) return file;
    }
    return undefined;
  };

  const register = async (
    file: string,
    plan: Plan,
    options: ModelOptions,
    known?: KnownFile,
  ): Promise<Pick<DownloadReport, 'id' | 'added' | 'file' | 'sha256' | 'sizeBytes' | 'fit'>> => {
    faultPoint('download.register');
    const { model, added } = await models.add(file, options, known);
    const { shape } = readModelFacts(model.file);
    const fit = shape === null ? null : fitReportOf(shape, model, input.machine);
    return { id: model.id, added, file: model.file, sha256: model.sha256, sizeBytes: model.sizeBytes, fit };
  };

  return {
    /** The catalogue, and with `hub` what the hub finds: repositories with their GGUF files. */
    search: async (
      { query, hub, limit }: { readonly query: string; readonly hub: boolean; readonly limit: number },
      { signal }: { readonly signal: AbortSignal },
    ): Promise<{ catalogue: CatalogueEntry[]; hub: HubModel[] | null }> => {
      const catalogue = searchCatalogue(input.loadCatalogue(), query);
      if (!hub) return { catalogue, hub: null };
      const [endpoint = ''] = endpoints;
      const found = parseSearch(await downloader.readJson(searchUrl(endpoint, query, limit), { signal }));
      const withFiles: HubModel[] = [];
      for (const repository of found.slice(0, limit)) {
        const files = parseTree(
          await downloader.readJson(treeUrl(endpoint, repository.repository, 'main'), { signal }),
        );
        withFiles.push({
          ...repository,
          files: files.map(({ path, sizeBytes, sha256 }) => ({
            file: path,
            source: `hf:${repository.repository}/${path}`,
            sizeBytes,
            sha256,
          })),
        });
      }
      return { catalogue, hub: withFiles };
    },

    /** Downloads, proves and registers a model. Going on after anything is the same call again. */
    get: async (
      wish: DownloadWish,
      options: ModelOptions & { readonly signal: AbortSignal },
    ): Promise<DownloadReport> => {
      const { signal, report } = options;
      const plan = await makePlan({ ...wish, sha256: wish.sha256?.toLowerCase() }, signal);
      const { hashFrom } = plan;
      const present = await findPresent(plan, options);
      if (present !== undefined) {
        const registered = await register(present, plan, options);
        return { ...registered, hashFrom, downloaded: false, url: null, resumedFrom: 0 };
      }
      const file = freeName(plan);
      let title = phaseTitles.ask;
      let inspection: ModelInspection | undefined;
      const result = await downloader.download(
        {
          urls: plan.urls,
          file,
          sizeBytes: plan.sizeBytes,
          sha256: plan.sha256,
          beginsWith: 'GGUF',
          inspect: async (partial) => {
            inspection = await models.inspect(partial, file, { signal });
          },
        },
        {
          signal,
          onPhase: (phase) => {
            title = phaseTitles[phase];
            report?.({ done: 0, total: null, unit: 'bytes', title });
          },
          report: ({ done, total }) => report?.({ done, total, unit: 'bytes', title }),
        },
      );
      const known =
        inspection === undefined
          ? undefined
          : { sha256: result.sha256, inspection, licence: plan.licence ?? readModelFacts(file).licence };
      const registered = await register(file, plan, options, known);
      return { ...registered, hashFrom, downloaded: true, url: result.url, resumedFrom: result.resumedFrom };
    },
  };
}

/** The file of an entry whose size and hash are certain. */
function knownFile({ source, sizeBytes, isSizeApproximate, sha256 }: CatalogueEntry): HubFile | undefined {
  return sha256 === null || isSizeApproximate ? undefined : { path: source.file, sizeBytes, sha256 };
}

/** Another content under the same name keeps its place. */
function freeName({ file, sha256 }: Plan): string {
  if (!existsSync(file)) return file;
  return file.replace(/(\.gguf)?$/iu, `-${(sha256 ?? '').slice(0, 8)}.gguf`);
}

function chooseFile(source: ModelSource & { kind: 'hub' }, files: readonly HubFile[]): HubFile {
  const { repository, file } = source;
  const found = files.find(({ path }) => path === file);
  if (found !== undefined) return found;
  const [only] = files;
  if (file === undefined && files.length === 1 && only !== undefined) return only;
  const names = files.map(({ path }) => path);
  throw new AppError(
    file === undefined ? 'invalid-input' : 'not-found',
    file === undefined
      ? `Say which file of ${repository} is wanted.`
      : `There is no GGUF file ${file} in ${repository}.`,
    {
      hint:
        names.length === 0 ? 'The repository has no GGUF file.' : `It has: ${names.slice(0, 30).join(', ')}`,
    },
  );
}
