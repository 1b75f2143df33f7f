/** What the window offers to the page beside the contract: dialogs, the data folder, the clipboard. */
import { implement } from '@orpc/server';
import { hostMethods, type FileKind } from '../../contract/host.ts';

/** How the system does it. */
export type HostActions = {
  readonly chooseOpen: (options: {
    properties: ('openFile' | 'openDirectory' | 'createDirectory')[];
    filters: { name: string; extensions: string[] }[];
  }) => Promise<{ readonly filePaths: readonly string[] }>;
  readonly chooseSave: (options: { defaultPath: string }) => Promise<{ readonly filePath: string }>;
  readonly openPath: (path: string) => Promise<string>;
  readonly writeText: (text: string) => void | Promise<void>;
};

const filters: Readonly<Record<FileKind, readonly [name: string, ...extensions: string[]] | undefined>> = {
  model: ['Model', 'gguf'],
  facts: ['Facts', 'json', 'jsonl', 'csv'],
  text: ['Text', 'txt', 'md'],
  questions: ['Questions', 'jsonl'],
  adapter: ['Version', 'gguf', 'safetensors'],
  any: undefined,
};

/** The handlers of `hostMethods`. */
export function createHostApi(actions: HostActions, dataFolder: string) {
  const os = implement(hostMethods).host;
  return {
    host: {
      chooseFile: os.chooseFile.handler(async ({ input }) => {
        const [name, ...extensions] = filters[input.kind] ?? [];
        const shown = name === undefined ? [] : [{ name, extensions }];
        const { filePaths } = await actions.chooseOpen({ properties: ['openFile'], filters: shown });
        return { path: filePaths[0] ?? null };
      }),
      chooseFolder: os.chooseFolder.handler(async () => {
        const { filePaths } = await actions.chooseOpen({
          properties: ['openDirectory', 'createDirectory'],
          filters: [],
        });
        return { path: filePaths[0] ?? null };
      }),
      chooseSave: os.chooseSave.handler(async ({ input }) => {
        const { filePath } = await actions.chooseSave({ defaultPath: input.name });
        return { path: filePath || null };
      }),
      openDataFolder: os.openDataFolder.handler(async () => {
        await actions.openPath(dataFolder);
        return {};
      }),
      copyText: os.copyText.handler(async ({ input }) => {
        await actions.writeText(input.text);
        return {};
      }),
    },
  };
}
