/** Rows of CSV files as objects; the header line names the fields, in any order and spelling. */
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { matchKey } from '../util/text.ts';
import { factFields, listFields } from './fact-fields.ts';
import { RowProblem, type Row } from './row-problem.ts';

const fieldByKey = new Map<string, string>(factFields.map((name) => [compactKey(name), name]));

const records = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/** The records of a CSV text; empty cells count as absent. */
export function parseCsvRows(text: string): Row[] {
  const parsed = records.parse(readRecords(text));
  const [header, ...rest] = parsed;
  if (header === undefined) throw new RowProblem(1, 'it is empty');
  const names = header.record.map((name) => fieldByKey.get(compactKey(name)) ?? name.trim());
  for (const needed of ['attribute', 'value']) {
    if (!names.includes(needed)) throw new RowProblem(1, `the header line names no column "${needed}"`);
  }
  const doubled = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (doubled !== undefined) throw new RowProblem(1, `the header line names the column "${doubled}" twice`);
  let lastLine = header.info.lines;
  return rest.map(({ record, info }) => {
    // csv-parse gives the line on which a record ends; it begins after the one before it.
    const line = Math.max(lastLine + 1, info.lines - lineBreaksIn(record));
    lastLine = info.lines;
    return { line, value: rowOf(names, record, line) };
  });
}

function readRecords(text: string): unknown {
  try {
    return parse(text, {
      bom: true,
      info: true,
      delimiter: delimiterOf(text),
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error.lines);
    throw new RowProblem(Number.isInteger(line) ? line : null, csvProblem(error));
  }
}

function csvProblem(error: CsvError): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'it is cut off (a quotation mark is never closed)';
  if (error.code.startsWith('CSV_RECORD_INCONSISTENT'))
    return 'it has more or fewer columns than the header line';
  return 'it is not valid CSV';
}

function rowOf(names: readonly string[], record: readonly string[], line: number): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  names.forEach((name, index) => {
    const cell = record[index] ?? '';
    if (name !== '' && cell.trim() !== '') row[name] = listFields.has(name) ? listOf(cell, name, line) : cell;
  });
  return row;
}

/** A list in one cell: a JSON array, or texts between semicolons or bars. */
function listOf(cell: string, name: string, line: number): unknown {
  if (!cell.trimStart().startsWith('[')) return cell.split(/[;|]/u);
  try {
    return JSON.parse(cell);
  } catch {
    throw new RowProblem(line, `"${name}" begins like a JSON list but is none`);
  }
}

function delimiterOf(text: string): string {
  const header = text.slice(0, 1000).split(/[\r\n]/u, 1)[0] ?? '';
  if (header.includes(',')) return ',';
  if (header.includes(';')) return ';';
  return header.includes('\t') ? '\t' : ',';
}

function lineBreaksIn(record: readonly string[]): number {
  return record.reduce((count, cell) => count + (cell.match(/\n/gu)?.length ?? 0), 0);
}

function compactKey(name: string): string {
  return matchKey(name).replaceAll(' ', '');
}
