/** The names of a fact's fields in files: one list for reading JSON and CSV and for writing both. */

/** What a user gives. */
export const draftFields = [
  'subject',
  'attribute',
  'value',
  'aliases',
  'category',
  'tier',
  'validFrom',
  'validTo',
  'neverTrain',
] as const;

/** What an export adds so that it can be read back to equality. */
export const archiveFields = ['id', 'standing', 'supersedes', 'conflictsWith'] as const;

export type FactField = (typeof draftFields)[number] | (typeof archiveFields)[number];

/** Every field, in the order of an export's columns. */
export const factFields: readonly FactField[] = [
  'id',
  ...draftFields,
  ...archiveFields.filter((field) => field !== 'id'),
];

/** Fields that hold several texts. */
export const listFields: ReadonlySet<string> = new Set<FactField>(['aliases', 'conflictsWith']);
