/** Rows of JSON arrays and JSON Lines, each with the line on which it begins. */
import { RowProblem, type Row } from './row-problem.ts';

/** The elements of a JSON array. */
export function parseJsonArray(text: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RowProblem(countLines(text, positionOf(error, text)), jsonProblem(error, text));
  }
  if (!Array.isArray(value)) throw new RowProblem(1, 'it is no list of facts');
  const lines = elementLines(text);
  return value.map((element: unknown, index) => ({ line: lines[index] ?? 1, value: element }));
}

/** One JSON object on each line; empty lines do not count. A file that is one object as a whole is one row. */
export function parseJsonLines(text: string): Row[] {
  const rows: Row[] = [];
  let line = 0;
  for (const content of text.split('\n')) {
    line += 1;
    if (content.trim() === '') continue;
    try {
      rows.push({ line, value: JSON.parse(content) });
    } catch (error) {
      const whole = rows.length === 0 ? parseWhole(text) : undefined;
      if (whole !== undefined) return [{ line, value: whole }];
      throw new RowProblem(line, jsonProblem(error, content));
    }
  }
  return rows;
}

function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function jsonProblem(error: unknown, text: string): string {
  const isCutOff = positionOf(error, text) >= text.trimEnd().length;
  return isCutOff ? 'it is cut off (the JSON does not end)' : 'it is not valid JSON';
}

/** Where the text stops being the beginning of valid JSON; its end when it is merely cut off. */
function positionOf(error: unknown, text: string): number {
  const end = text.trimEnd().length;
  const told = toldPosition(error);
  if (told !== undefined) return Math.min(told, end);
  // The parser does not always say where: the longest beginning that could go on is found by halving.
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (couldGoOn(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return (toldPosition(error) ?? -1) >= text.trimEnd().length;
  }
}

/** The position in the parser's message; Infinity when it speaks of the end of the text. */
function toldPosition(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : '';
  if (/end of JSON|Unterminated/u.test(message)) return Infinity;
  const position = /at position (\d+)/u.exec(message)?.[1];
  return position === undefined ? undefined : Number(position);
}

function countLines(text: string, end: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < end; index = text.indexOf('\n', index + 1))
    line += 1;
  return line;
}

/** Lines on which the elements of a valid JSON array begin. */
function elementLines(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let inString = false;
  let awaitsElement = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\n') line += 1;
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
      continue;
    }
    if (awaitsElement && depth === 1 && !/[\s,\]]/u.test(character)) {
      lines.push(line);
      awaitsElement = false;
    }
    if (character === '"') inString = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth === 1) awaitsElement = true;
    } else if (character === ']' || character === '}') depth -= 1;
    else if (character === ',' && depth === 1) awaitsElement = true;
  }
  return lines;
}
