/**
 * Reads fact files: a JSON array, JSON Lines or CSV with a header line. Every problem names its line; nothing of a
 * file with a problem is used.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { parseCsvRows } from './csv-rows.ts';
import { cleanDraft, DraftProblem, type CleanDraft } from './draft-rules.ts';
import { parseJsonArray, parseJsonLines } from './json-rows.ts';
import type { Kinds } from './kinds.ts';
import { RowProblem, type Row } from './row-problem.ts';

/** Most rows that one file may hold. */
export const maximumRows = 20_000;
/** Largest file, in bytes. */
export const maximumFileBytes = 50 * 1000 * 1000;

/** The facts of a file and the names of fields that mean nothing to the app. */
export type FactFile = { readonly drafts: readonly CleanDraft[]; readonly ignoredFields: readonly string[] };

/** Reads and checks a whole file. Throws `invalid-input` that names the file and the line. */
export function readFactFile(file: string, kinds: Kinds): FactFile {
  return parseFacts(readBytes(file), basename(file), kinds);
}

/** Checks the content of a fact file; the name decides the format, or else the first character. */
export function parseFacts(bytes: Uint8Array, name: string, kinds: Kinds): FactFile {
  try {
    const text = decodeText(bytes);
    const rows = rowsOf(text, name);
    if (rows.length === 0) throw new RowProblem(null, 'it holds no facts');
    if (rows.length > maximumRows) {
      throw new RowProblem(
        rows[maximumRows]?.line ?? null,
        `it has ${rows.length} facts; one file may hold ${maximumRows}`,
      );
    }
    const ignored = new Set<string>();
    const drafts = rows.map((row) => cleanRow(row, kinds, (field) => ignored.add(field)));
    return { drafts, ignoredFields: [...ignored] };
  } catch (error) {
    if (error instanceof RowProblem) throw importError(name, error);
    throw error;
  }
}

/** Largest text that a page may hand over, in bytes. */
export const maximumTextBytes = 20 * 1000 * 1000;

/** Checks a fact file that a page has read; only its name's last part counts. Throws `invalid-input`. */
export function parseFactText(
  name: string,
  text: string,
  kinds: Kinds,
): FactFile & { readonly name: string } {
  const last = name.split(/[\\/]/u).at(-1)?.trim() ?? '';
  if (!/\.(json|jsonl|csv)$/iu.test(last)) {
    throw new AppError(
      'invalid-input',
      `Cannot import ${last === '' ? 'this file' : last}: it is no fact file.`,
      {
        hint: 'Fact files end in .json, .jsonl or .csv. Free text goes to the Inbox.',
      },
    );
  }
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > maximumTextBytes) throw tooLarge(last, maximumTextBytes);
  return { ...parseFacts(bytes, last, kinds), name: last };
}

function rowsOf(text: string, name: string): Row[] {
  if (text.trim() === '') throw new RowProblem(1, 'it is empty');
  const first = text.trimStart().charAt(0);
  const extension = extname(name).toLowerCase();
  if (extension === '.csv' || extension === '.tsv') return parseCsvRows(text);
  if (first === '[' && extension !== '.jsonl' && extension !== '.ndjson') return parseJsonArray(text);
  if (first === '{' || first === '[' || /^\.(json|jsonl|ndjson)$/u.test(extension))
    return parseJsonLines(text);
  return parseCsvRows(text);
}

function cleanRow(row: Row, kinds: Kinds, onUnknownField: (field: string) => void): CleanDraft {
  try {
    return cleanDraft(row.value, kinds, { line: row.line, onUnknownField });
  } catch (error) {
    if (error instanceof DraftProblem) throw new RowProblem(row.line, error.message);
    throw error;
  }
}

function readBytes(file: string): Uint8Array {
  try {
    const handle = openSync(file, 'r');
    try {
      if (fstatSync(handle).isDirectory()) {
        throw new AppError('invalid-input', `Cannot import ${file}: it is a folder.`, importHint);
      }
      return readUpTo(handle, maximumFileBytes, () => tooLarge(file));
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new AppError(
      'invalid-input',
      isMissing
        ? `Cannot import ${file}: there is no such file.`
        : `Cannot import ${file}: it cannot be read.`,
      { hint: 'Check the path and the permissions of the file.', cause },
    );
  }
}

/** Reads to the end, or to where it is too much: a pipe or a device does not tell its size. */
function readUpTo(handle: number, limit: number, tooMuch: () => AppError): Uint8Array {
  const size = fstatSync(handle).size;
  if (size > limit) throw tooMuch();
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.alloc(1 << 20);
    const read = readSync(handle, chunk);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    total += read;
    if (total > limit) throw tooMuch();
  }
}

function tooLarge(file: string, limit: number = maximumFileBytes): AppError {
  return new AppError('invalid-input', `Cannot import ${file}: it has more than ${limit / 1e6} MB.`, {
    hint: 'Split it into several files.',
  });
}

function decodeText(bytes: Uint8Array): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new RowProblem(1, 'it is UTF-16, not UTF-8');
  }
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RowProblem(lineOfInvalidByte(bytes), 'it is not UTF-8');
  }
}

function lineOfInvalidByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      // A line break never lies within a character, so that each line stands for itself.
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
    line += 1;
  }
  return line;
}

const importHint = {
  hint: 'A fact file is a JSON array, JSON Lines, or CSV with a header line; each fact has "attribute" and "value".',
};

function importError(name: string, problem: RowProblem): AppError {
  const place = problem.line === null ? '' : ` line ${problem.line}:`;
  return new AppError(
    'invalid-input',
    `Cannot import ${name},${place} ${problem.message}. Nothing was imported.`,
    importHint,
  );
}
