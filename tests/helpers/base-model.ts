import { existsSync } from 'node:fs';
import { dataPaths } from '../../electron/platform/data-paths.ts';

/** The default base in the user's cache, put there by the set-up. */
export function baseModelFile(): string {
  const file = dataPaths('/nowhere', '/nowhere', process.env).defaultModel;
  if (!existsSync(file)) throw new Error(`The base model is missing: ${file}. Run: npm run fetch-model`);
  return file;
}
