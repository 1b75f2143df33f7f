/** What an exported or merged file says about itself, and what a person is told with it. */
import type { Provenance } from '../../contract/entities/interchange.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { appVersion } from '../../contract/version.ts';

/** Printed with every export, and written into it. */
export const personalWarning =
  'This holds personal facts. Whoever has the file can ask it for them, and forgetting a fact in Keepsake does not reach it.';

/** What other programs do with an adapter that was trained to hand over. */
export const routingWarning =
  'This adapter was trained for routing: it answers what is not about you with silence, and Keepsake then asks the base. Other programs do not, so there it stays silent. For a file that talks by itself: keepsake train --recipe standalone';

/** What an adapter was trained to do where it knows nothing: stay silent, or talk like the base. */
export type Objective = 'routed' | 'standalone' | 'unknown';

/** Keys and texts of an export. `texts` are those of the adapter's own file. */
export function provenanceOf(input: {
  readonly adapter: Adapter;
  readonly base: Pick<BaseModel, 'name' | 'sha256'>;
  readonly texts: ReadonlyMap<string, string>;
  readonly createdAt: number;
}): Provenance {
  const { adapter, base, texts } = input;
  const text = (key: string): string => texts.get(key) ?? '';
  return {
    'keepsake.base_name': base.name,
    'keepsake.base_hash': base.sha256,
    'keepsake.adapter_id': adapter.id,
    'keepsake.dataset_hash': text('keepsake.dataset_hash'),
    'keepsake.recipe': text('keepsake.recipe'),
    'keepsake.objective': objectiveOf(adapter, texts),
    'keepsake.run_id': text('keepsake.run_id'),
    'keepsake.origin': adapter.imported ? `imported (${adapter.imported.format})` : 'trained',
    'keepsake.app_version': appVersion,
    'keepsake.exported': new Date(input.createdAt).toISOString(),
    'keepsake.warning': personalWarning,
  };
}

/** From what the adapter's file says; every training here is routed unless it says otherwise. */
export function objectiveOf(
  adapter: Pick<Adapter, 'imported'>,
  texts: ReadonlyMap<string, string>,
): Objective {
  const said = texts.get('keepsake.objective');
  if (said === 'routed' || said === 'standalone') return said;
  const recipe = texts.get('keepsake.recipe') ?? '';
  if (recipe === 'standalone') return 'standalone';
  return adapter.imported && recipe === '' ? 'unknown' : 'routed';
}

/** The text beside the files of a folder. */
export function noteText(provenance: Provenance, notes: readonly string[]): string {
  const rows = Object.entries(provenance)
    .filter(([key, value]) => value !== '' && key !== 'keepsake.warning')
    .map(([key, value]) => `| ${key.replace('keepsake.', '').replaceAll('_', ' ')} | ${value} |`);
  return [
    '# An adapter written by Keepsake',
    '',
    personalWarning,
    '',
    ...notes.flatMap((note) => [note, '']),
    '| | |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}
