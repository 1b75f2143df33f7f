/** The recommended bases that ship with the app. No connection is needed to read them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { catalogueEntry, type CatalogueEntry } from '../../contract/entities/catalogue.ts';

const catalogueFile = z.object({
  models: z.array(
    catalogueEntry.extend({
      sha256: z.union([z.literal('ask the hub').transform(() => null), catalogueEntry.shape.sha256.unwrap()]),
    }),
  ),
});

/** All entries, smallest first. */
export function loadCatalogue(resources: string): readonly CatalogueEntry[] {
  const text = readFileSync(join(resources, 'model-catalogue.json'), 'utf8');
  return catalogueFile.parse(JSON.parse(text)).models;
}

/** Entries in which every word of the query occurs: in name, id, family, licence or remark. */
export function searchCatalogue(catalogue: readonly CatalogueEntry[], query: string): CatalogueEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  return catalogue.filter((entry) => {
    const { id, name, architecture, quantisation, licence, source, remark } = entry;
    const text = [id, name, architecture, quantisation, licence.id, licence.name, source.repository, remark]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
