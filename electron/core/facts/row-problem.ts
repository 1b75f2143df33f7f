/** A row as read, with the line on which it begins. */
export type Row = { readonly line: number; readonly value: unknown };

/** A problem with a file, at a line where there is one. */
export class RowProblem extends Error {
  readonly line: number | null;
  constructor(line: number | null, message: string) {
    super(message);
    this.line = line;
  }
}
