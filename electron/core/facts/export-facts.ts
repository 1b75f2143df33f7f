/** Facts as files that import back to equality: history, conflicts and links included, derived facts never. */
import { factFields, type FactField } from './fact-fields.ts';
import type { FactVersion } from './fact-version.ts';

/** One exported fact: what was given, and only where it is not the default, how the version stands. */
export type ExportedFact = Readonly<Partial<Record<FactField, string | readonly string[] | true>>>;

/** The export of each version, absent fields left out. */
export function exportedFacts(versions: readonly FactVersion[]): ExportedFact[] {
  return versions.map((version) => {
    const { id, subject, attribute, value, category, tier } = version;
    return {
      id,
      subject,
      attribute,
      value,
      ...(version.aliases.length > 0 && { aliases: version.aliases }),
      category,
      tier,
      ...(version.validFrom !== null && { validFrom: version.validFrom }),
      ...(version.validTo !== null && { validTo: version.validTo }),
      ...(version.neverTrain && { neverTrain: true }),
      ...(version.standing !== 'standing' && { standing: version.standing }),
      ...(version.supersedes !== null && { supersedes: version.supersedes }),
      ...(version.conflictsWith.length > 0 && { conflictsWith: version.conflictsWith }),
    };
  });
}

/** A JSON array with one fact on each line. */
export function toJsonText(facts: readonly ExportedFact[]): string {
  return facts.length === 0
    ? '[]\n'
    : `[\n${facts.map((fact) => `  ${JSON.stringify(fact)}`).join(',\n')}\n]\n`;
}

/** CSV with a header line; lists are JSON in their cell. */
export function toCsvText(facts: readonly ExportedFact[]): string {
  const lines = facts.map((fact) => factFields.map((field) => toCell(fact[field])).join(','));
  return `${[factFields.join(','), ...lines].join('\r\n')}\r\n`;
}

function toCell(value: string | readonly string[] | true | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n;|]/u.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
