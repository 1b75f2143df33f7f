import { join } from 'node:path';
import type { Fact } from '../../electron/contract/entities/fact.ts';
import { findKind, labelOf, loadKinds, type Kinds } from '../../electron/core/facts/kinds.ts';
import { statementOf } from '../../electron/core/facts/statements.ts';

/** The shipped resources. */
export const resourcesDir = join(import.meta.dirname, '..', '..', 'resources');

/** The shipped kinds, read once. */
export const kinds: Kinds = loadKinds(resourcesDir);

let count = 0;

/** A current fact about the owner, unless said otherwise. */
export function aFact(fields: Partial<Fact> & Pick<Fact, 'attribute' | 'value'>): Fact {
  count += 1;
  const subject = fields.subject ?? 'me';
  const kind = findKind(kinds, fields.attribute);
  const dates = { validFrom: fields.validFrom ?? null, validTo: fields.validTo ?? null };
  const current = fields.current ?? true;
  const label = labelOf(kinds, { kind: kind?.id ?? null, attribute: fields.attribute });
  return {
    id: `fact-${count}`,
    subject,
    kind: kind?.id ?? null,
    aliases: [],
    category: kind?.category ?? 'other',
    tier: 'simple',
    ...dates,
    supersedes: null,
    current,
    neverTrain: false,
    conflictsWith: [],
    statement: statementOf({ subject, label, value: fields.value, ...dates, current }),
    source: { type: 'typed' },
    createdAt: 0,
    ...fields,
  };
}
