/** What a proposal is called and what it would do. */
import type { Proposal } from '../../../electron/contract/entities/proposal.ts';
import { text } from '../../text/en.ts';

/** "new", "conflicts: Your diet is fish." */
export function effectWords({ effect, touches }: Proposal): string {
  const { effects } = text.inbox;
  const statement = touches?.statement ?? '';
  switch (effect) {
    case 'new':
      return effects.new;
    case 'same':
      return statement === '' ? effects.same : effects.alike(statement);
    case 'changes':
      return effects.changes(statement);
    case 'conflicts':
      return effects.conflicts(statement);
  }
}

/** What a row is called: statement and effect. */
export function nameOf(proposal: Proposal): string {
  return text.inbox.rowName(proposal.statement, effectWords(proposal));
}

/** Without words of its owner a proposal has to be edited first. */
export function needsEdit(proposal: Proposal): boolean {
  return proposal.quote === null;
}
