/** Question files of a user's own: JSON Lines, refused as a whole with the line that is wrong. */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { question, type Question } from '../../contract/entities/evaluation.ts';
import { AppError } from '../../contract/errors.ts';

const largestFileBytes = 50_000_000;
const mostQuestions = 20_000;

const questionLine = question.extend({ id: z.string().min(1), question: z.string().trim().min(1).max(4000) });

/** Reads a question file. Throws `invalid-input` naming the line, `not-found` without a file. */
export function readQuestionFile(file: string): Question[] {
  return parseQuestions(readText(file), file);
}

/** Parses JSON Lines of questions; `name` is said in errors. */
export function parseQuestions(text: string, name: string): Question[] {
  const questions: Question[] = [];
  const lineOfId = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const number = index + 1;
    const parsed = parseLine(line, name, number);
    const earlier = lineOfId.get(parsed.id);
    if (earlier !== undefined) throw refuse(name, number, `the id ${parsed.id} is that of line ${earlier}`);
    lineOfId.set(parsed.id, number);
    questions.push(parsed);
    if (questions.length > mostQuestions) throw refuse(name, number, `more than ${mostQuestions} questions`);
  }
  if (questions.length === 0) {
    throw new AppError('invalid-input', `The question file ${name} has no questions.`, { hint });
  }
  return questions;
}

const hint = 'Each line is {"id", "question", "expected": […], "forbidden": […], "kind", "group"} in JSON.';

function parseLine(line: string, name: string, number: number): Question {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw refuse(name, number, 'it is no JSON', cause);
  }
  const parsed = questionLine.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(name, number, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), parsed.error);
  }
  if (parsed.data.kind === 'recall' && parsed.data.expected.length === 0) {
    throw refuse(name, number, 'a recall question needs an expected answer');
  }
  return parsed.data;
}

function readText(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new Error('It is not a file.');
    if (found.size > largestFileBytes) {
      throw new AppError('invalid-input', `The question file ${file} is larger than 50 MB.`, { hint });
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof TypeError) {
      throw new AppError('invalid-input', `The question file ${file} is not UTF-8 text.`, { hint, cause });
    }
    throw new AppError('not-found', `The question file ${file} cannot be read.`, { cause });
  }
}

function refuse(name: string, line: number, what: string, cause?: unknown): AppError {
  return new AppError('invalid-input', `Line ${line} of ${name}: ${what}.`, { hint, cause });
}
