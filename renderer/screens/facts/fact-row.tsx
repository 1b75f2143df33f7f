import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { FactChip } from '../../components/fact-chip.tsx';
import { text } from '../../text/en.ts';
import { flagsOf } from './fact-rules.ts';

/** One fact in the table. */
export function FactRow({ fact }: { readonly fact: FactWithState }) {
  return (
    <>
      <span className={`row-main${fact.current ? '' : ' muted'}`} title={fact.statement}>
        {fact.statement}
      </span>
      <span className="row-side fact-category truncate">{fact.category}</span>
      <span className="row-side fact-tier">{text.common.tiers[fact.tier]}</span>
      <span className="fact-state">
        <FactChip state={fact.state} flags={flagsOf(fact)} />
      </span>
    </>
  );
}

/** What the columns hold; the rows say it themselves to a screen reader. */
export function FactRowHeads() {
  const { heads } = text.facts;
  return (
    <div className="list-heads" aria-hidden>
      <span className="fact-box" />
      <span className="row-main">{heads.fact}</span>
      <span className="fact-category">{heads.category}</span>
      <span className="fact-tier">{heads.tier}</span>
      <span className="fact-state">{heads.state}</span>
    </div>
  );
}
