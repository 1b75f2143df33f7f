import { useCallback, useState } from 'react';
import { nameError } from '../../state/name-error.ts';
import { useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { pageHint } from '../../text/page-hint.ts';
import { bytes } from '../../text/format.ts';

export type ImportLine = {
  readonly name: string;
  readonly words: string;
  readonly hasFailed: boolean;
  /** Sentences that held no fact, and how many they are in all. */ readonly unread?: {
    readonly shown: readonly string[];
    readonly count: number;
  };
};
export type ImportState = {
  readonly lines: readonly ImportLine[];
  /** Null while nothing is read. */
  readonly busy: { readonly file: number; readonly files: number; readonly found: number } | null;
  /** Proposals and facts that came of it. */
  readonly found: number;
};

const longestText = 1_000_000;
const longestTable = 20_000_000;
const idle: ImportState = { lines: [], busy: null, found: 0 };

/** Reads pasted text and files for facts, one after the other; a file that fails keeps its reason. */
export function useImport() {
  const client = useClient();
  const [state, setState] = useState(idle);

  const readText = useCallback(
    async (name: string, words: string, type: 'text' | 'file'): Promise<ImportLine & { found: number }> => {
      if (words.length > longestText)
        return { name, words: text.inbox.importTooLong(name, bytes(longestText)), hasFailed: true, found: 0 };
      const { proposals, sentences, skipped, unread } = await client.proposals.extract({
        text: words,
        source: { type, name },
      });
      const found = proposals.length;
      return {
        name,
        found,
        hasFailed: false,
        unread: { shown: unread, count: skipped },
        words:
          found > 0
            ? text.inbox.importDone(found, sentences)
            : skipped < sentences
              ? text.inbox.importNothingNew
              : text.inbox.importNone(name),
      };
    },
    [client],
  );

  const readFile = useCallback(
    async (file: File): Promise<ImportLine & { found: number }> => {
      const { name } = file;
      const isTable = /\.(csv|jsonl?)$/iu.test(name);
      const limit = isTable ? longestTable : longestText;
      if (file.size > limit)
        return { name, words: text.inbox.importTooLong(name, bytes(limit)), hasFailed: true, found: 0 };
      const words = await file.text();
      if (words.includes('\u0000'))
        return { name, words: text.inbox.importNoText(name), hasFailed: true, found: 0 };
      if (!isTable) return readText(name, words, 'file');
      const { added, superseded, conflicts } = await client.facts.importText({ name, text: words });
      return {
        name,
        words: text.inbox.importFacts(added, superseded, conflicts.length),
        hasFailed: false,
        found: added,
      };
    },
    [client, readText],
  );

  const read = useCallback(
    async (pasted: string, files: readonly File[]): Promise<number> => {
      const parts: readonly (() => Promise<ImportLine & { found: number }>)[] = [
        ...(pasted.trim() === '' ? [] : [() => readText(text.inbox.importPasted, pasted, 'text')]),
        ...files.map((file) => () => readFile(file)),
      ];
      const names = [
        ...(pasted.trim() === '' ? [] : [text.inbox.importPasted]),
        ...files.map(({ name }) => name),
      ];
      let found = 0;
      setState(idle);
      for (const [index, part] of parts.entries()) {
        setState((before) => ({ ...before, busy: { file: index + 1, files: parts.length, found } }));
        const line = await part().catch((error: unknown) => {
          const { message, hint } = nameError(error);
          return {
            name: names[index] ?? '',
            words: [message, pageHint(hint)].filter((words) => words !== undefined).join(' '),
            hasFailed: true,
            found: 0,
          };
        });
        found += line.found;
        setState((before) => ({ ...before, found, lines: [...before.lines, line] }));
      }
      setState((before) => ({ ...before, busy: null }));
      return found;
    },
    [readText, readFile],
  );

  return { ...state, read };
}
