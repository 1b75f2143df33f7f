/** Adapters for other programs: a GGUF file, PEFT's folder, or a folder for Ollama. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportFormat, ExportResult, Provenance } from '../../contract/entities/interchange.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { assertAdapterFile } from '../adapters/adapter-service.ts';
import type { Clock } from '../dependencies.ts';
import { findText, readGgufHeader } from '../models/gguf-header.ts';
import { fillFolder, putFile, putFolder, writeWhole } from '../util/atomic-write.ts';
import { faultPoint } from '../util/fault-point.ts';
import type { ExportLog } from './export-log.ts';
import { readBaseShape, readGgufAdapter, writeGgufAdapter, type GgufAdapter } from './gguf-adapter.ts';
import { toUniform, type BaseShape, type UniformLora } from './lora.ts';
import { readChatFormat, toModelfile } from './ollama.ts';
import { assertOutputPlace, folderNames, withOutputErrors } from './output-place.ts';
import { toPeftConfig } from './peft-config.ts';
import { writePeftWeights } from './peft-adapter.ts';
import { noteText, objectiveOf, personalWarning, provenanceOf, routingWarning } from './provenance.ts';

export type ExportServiceInput = {
  readonly log: ExportLog;
  readonly clock: Clock;
  readonly systemText: string;
  readonly dataFolder: string;
  readonly findAdapter: (idOrPrefix: string) => Adapter;
  /** Its base, checked to be there and unchanged. */
  readonly resolveBase: (adapter: Adapter) => Promise<BaseModel>;
  readonly listBases: () => readonly BaseModel[];
};

export type ExportRequest = {
  readonly id: string;
  readonly format: ExportFormat;
  /** A file for `gguf`, a folder for the others; absolute. */
  readonly output: string;
  readonly force: boolean;
};

export type ExportService = ReturnType<typeof createExportService>;

type Source = {
  readonly adapter: Adapter;
  readonly base: BaseModel;
  readonly shape: BaseShape;
  readonly file: GgufAdapter;
  readonly lora: UniformLora;
  readonly provenance: Provenance;
  readonly notes: readonly string[];
};

/** The use case behind `adapters export`. */
export function createExportService(input: ExportServiceInput) {
  return {
    export: async (
      { id, format, output, force }: ExportRequest,
      options: { readonly signal?: AbortSignal } = {},
    ): Promise<ExportResult> => {
      const adapter = input.findAdapter(id);
      assertAdapterFile(adapter);
      const shape = format === 'gguf' ? 'file' : 'folder';
      const protectedFiles = input.listBases().map((base) => base.file);
      assertOutputPlace(output, { shape, force, dataFolder: input.dataFolder, protectedFiles });
      const base = await input.resolveBase(adapter);
      options.signal?.throwIfAborted();
      const source = readSource(adapter, base, format, input.clock.now());
      return withOutputErrors(output, () =>
        input.log.record(adapter, { format, path: output }, ({ id: exportId, partial }) => {
          faultPoint('export.begin');
          const names = writeExport(source, format, partial, input.systemText, options.signal);
          faultPoint('export.written');
          if (shape === 'file') putFile(partial, output, { overwrite: force });
          else putFolder(partial, output, { overwrite: force });
          faultPoint('export.renamed');
          const files = shape === 'file' ? [output] : names.map((name) => join(output, name));
          return Promise.resolve({
            exportId,
            adapterId: adapter.id,
            format,
            path: output,
            files,
            bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
            warning: personalWarning,
            notes: [...source.notes],
            provenance: source.provenance,
          });
        }),
      );
    },
  };
}

function readSource(adapter: Adapter, base: BaseModel, format: ExportFormat, createdAt: number): Source {
  const file = readGgufAdapter(adapter.file);
  const shape = readBaseShape(base.file);
  const lora = toUniform(file.pairs, shape);
  const provenance = provenanceOf({ adapter, base, texts: file.texts, createdAt });
  const notes = [
    ...(objectiveOf(adapter, file.texts) === 'routed' ? [routingWarning] : []),
    ...(format === 'ollama'
      ? [
          'Facts that the adapter has not learnt ride in the prompt of Keepsake, and not in that of Ollama: there they are unknown.',
        ]
      : []),
  ];
  return { adapter, base, shape, file, lora, provenance, notes };
}

/** Writes everything under the temporary name and gives the names of the files in a folder. */
function writeExport(
  source: Source,
  format: ExportFormat,
  partial: string,
  systemText: string,
  signal: AbortSignal | undefined,
): string[] {
  const { lora, shape, provenance, notes } = source;
  const checked = {
    ...lora,
    pairs: lora.pairs.map((pair) => ({ ...pair, read: stoppable(pair.read, signal) })),
  };
  const writeAdapter = (file: string): void =>
    writeWhole(file, (sink) =>
      writeGgufAdapter(sink, { ...checked, architecture: source.file.architecture }, provenance),
    );
  const writeText = (file: string, text: string): void => writeWhole(file, (sink) => sink(Buffer.from(text)));
  switch (format) {
    case 'gguf':
      writeAdapter(partial);
      return [];
    case 'peft':
      fillFolder(partial, (fileOf) => {
        writeWhole(fileOf(folderNames.weights), (sink) => writePeftWeights(sink, checked, shape, provenance));
        faultPoint('export.weights');
        const config = toPeftConfig({
          rank: lora.rank,
          alpha: lora.alpha,
          modules: [...new Set(lora.pairs.map((pair) => pair.module))],
          baseName: publicName(source.base),
        });
        writeText(fileOf(folderNames.config), `${JSON.stringify(config, null, 2)}\n`);
        writeText(fileOf(folderNames.note), noteText(provenance, notes));
      });
      return [folderNames.weights, folderNames.config, folderNames.note];
    case 'ollama':
      fillFolder(partial, (fileOf) => {
        writeAdapter(fileOf(folderNames.adapter));
        faultPoint('export.weights');
        const modelfile = toModelfile({
          from: source.base.file,
          adapter: `./${folderNames.adapter}`,
          systemText,
          format: readChatFormat(source.base.file),
          comments: [personalWarning, ...notes, ...describe(provenance)],
        });
        writeText(fileOf(folderNames.modelfile), modelfile);
        writeText(fileOf(folderNames.note), noteText(provenance, [...notes, howToRun(source.base)]));
      });
      return [folderNames.adapter, folderNames.modelfile, folderNames.note];
  }
}

/** Pairs are read one after the other, so that a stop is heard between two. */
function stoppable<Value>(read: () => Value, signal: AbortSignal | undefined): () => Value {
  return () => {
    signal?.throwIfAborted();
    return read();
  };
}

/** Where PEFT may find the base: the repository that the GGUF names, else the name of the file. */
function publicName(base: BaseModel): string {
  const header = readGgufHeader(base.file);
  const url =
    findText(header, 'general.base_model.0.repo_url') ?? findText(header, 'general.source.repo_url');
  return url?.replace(/^https:\/\/huggingface\.co\//u, '') ?? base.name;
}

function describe(provenance: Provenance): string[] {
  return Object.entries(provenance)
    .filter(([key, value]) => value !== '' && key !== 'keepsake.warning')
    .map(([key, value]) => `${key}: ${value}`);
}

function howToRun(base: BaseModel): string {
  return `Run it with \`ollama create keepsake -f Modelfile\` in this folder. FROM names the base where it lies on this machine (${base.file}); change that line when it moves.`;
}
