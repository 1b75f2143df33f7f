/** What a person changes about one version: a correction keeps its id, a new value is a new version. */
import { AppError } from '../../contract/errors.ts';
import { compareDates, hasEnded } from './dates.ts';
import { cleanCategory } from './draft-rules.ts';
import { asInput, assertOrder, dateOr } from './fact-input.ts';
import { isCurrent, valueKey, type FactVersion } from './fact-version.ts';

export type FactEdit = {
  readonly value?: string | undefined;
  /** A correction of the spelling: no history is kept. */
  readonly typo?: boolean | undefined;
  /** End date of the version that is edited. */
  readonly validTo?: string | undefined;
  readonly validFrom?: string | undefined;
  readonly category?: string | undefined;
  /** Whether it stays in the prompt and is taught to no adapter. */
  readonly neverTrain?: boolean | undefined;
};

/** Throws `invalid-input` for a change of nothing. */
export function assertSomething(edit: FactEdit): void {
  const { typo: _typo, ...wanted } = edit;
  if (Object.values(wanted).some((field) => field !== undefined)) return;
  throw new AppError('invalid-input', 'Nothing to change was given.', {
    hint: 'Give --value, --valid-to, --category or --never-train.',
  });
}

/** The version itself with another value, dates or marks. */
export function correctVersion(version: FactVersion, value: string, edit: FactEdit): FactVersion {
  const validTo = dateOr(edit.validTo, 'validTo', version.validTo);
  const validFrom = dateOr(edit.validFrom, 'validFrom', version.validFrom);
  assertOrder(validFrom, validTo);
  const aliases = version.aliases.filter((alias) => alias !== value);
  return { ...version, ...marksOf(edit, version), value, validFrom, validTo, aliases };
}

/** The version as it ends, and the one with the new value that follows it. */
export function replaceVersion(
  version: FactVersion,
  value: string,
  edit: FactEdit,
  context: { readonly siblings: readonly FactVersion[]; today: string; now: number; newId: () => string },
): { readonly ended: FactVersion; readonly next: FactVersion } {
  const { today } = context;
  const given = dateOr(edit.validFrom, 'validFrom', null);
  const validTo = dateOr(edit.validTo, 'validTo', given ?? endOf(version, today));
  // A value that holds until a day to come is replaced on that day, not before.
  const validFrom = given ?? (hasEnded({ validTo }, today) ? null : validTo);
  assertOrder(version.validFrom, validTo);
  const twin = context.siblings.find(
    (other) =>
      other.id !== version.id && isCurrent(other, today) && valueKey(other.value) === valueKey(value),
  );
  const fresh = (): FactVersion => ({
    ...version,
    id: context.newId(),
    value,
    aliases: [],
    validFrom,
    validTo: null,
    supersedes: version.id,
    standing: 'standing',
    conflictsWith: [],
    source: { type: 'typed' },
    createdAt: context.now,
  });
  const told = twin ?? fresh();
  return {
    ended: { ...version, standing: 'superseded', validTo },
    next: { ...told, ...marksOf(edit, told) },
  };
}

/** Today, unless the version begins later. */
function endOf(version: FactVersion, today: string): string {
  return version.validFrom !== null && compareDates(today, version.validFrom) < 0 ? version.validFrom : today;
}

/** What an edit says beside value and dates. */
function marksOf(
  edit: FactEdit,
  { category, neverTrain }: FactVersion,
): Pick<FactVersion, 'category' | 'neverTrain'> {
  const given = edit.category;
  return {
    category: given === undefined ? category : asInput(() => cleanCategory(given)),
    neverTrain: edit.neverTrain ?? neverTrain,
  };
}
