/** Adapters as numbered versions: what each proved, was taught and lacks, beside what a person wrote about it. */
import { statSync } from 'node:fs';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter, AdapterVersion } from '../../contract/entities/model.ts';
import type { LedgerEntry } from '../ledger/fact-state.ts';
import { gradeOf } from './graduate.ts';

export type VersionsInput = {
  readonly adapters: readonly Adapter[];
  readonly marks: ReadonlyMap<string, VersionMarks>;
  /** Every fact, ended and derived ones included. */
  readonly facts: readonly Fact[];
  readonly entriesOf: (adapterId: string) => readonly LedgerEntry[];
  readonly general: ReadonlyMap<string, { readonly right: number; readonly n: number }>;
  readonly baseNameOf: (baseModelId: string) => string;
};

type VersionMarks = {
  readonly number: number;
  readonly name: string | null;
  readonly note: string | null;
  readonly pinned: boolean;
};

const noMarks = { number: 0, name: null, note: null, pinned: false };

/** In the order of `adapters`. */
export function toVersions(input: VersionsInput): AdapterVersion[] {
  const { facts } = input;
  const known = new Set(facts.map((fact) => fact.id));
  const inForce = new Set(facts.filter((fact) => fact.current).map((fact) => fact.id));
  const teachable = facts.filter((fact) => fact.current && !fact.neverTrain).map((fact) => fact.id);
  return input.adapters.map((adapter): AdapterVersion => {
    const { number, name, note, pinned } = input.marks.get(adapter.id) ?? noMarks;
    const seen = new Set(adapter.factIds);
    const learned = input
      .entriesOf(adapter.id)
      .filter(({ factId, ...entry }) => inForce.has(factId) && seen.has(factId) && isLearned(entry));
    const sizeBytes = sizeOf(adapter.file);
    return {
      ...adapter,
      ...{ number, name, note, pinned },
      learned: learned.length,
      taught: adapter.factIds.filter((id) => inForce.has(id)).length,
      general: input.general.get(adapter.id) ?? null,
      lacks: teachable.filter((id) => !seen.has(id)).length,
      knowsForgotten: adapter.factIds.some((id) => !known.has(id) && !isDerivedId(id)),
      sizeBytes,
      isFileThere: sizeBytes !== null,
      baseName: input.baseNameOf(adapter.baseModelId),
    };
  });
}

function isLearned(entry: Omit<LedgerEntry, 'factId'>): boolean {
  return gradeOf(entry) === 'learned';
}

/** Ids of derived facts are hashes in the form of UUIDs of version 8; they go with a changed parent. */
function isDerivedId(id: string): boolean {
  return id[14] === '8';
}

function sizeOf(file: string): number | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : null;
}
