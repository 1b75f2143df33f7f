/** Where the built page and the window's programs lie: the same in a checkout and in a packed app. */
import { join } from 'node:path';
import { projectRoot } from '../compose-folder.ts';

const built = join(projectRoot, '.keepsake-build', 'app');

/** The page's files. */
export const builtPage = join(built, 'renderer');

/** The preload script of the window. */
export const builtPreload = join(built, 'preload', 'preload.cjs');
