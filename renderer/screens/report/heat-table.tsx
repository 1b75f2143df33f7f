import type { EvaluationReport } from '../../../electron/contract/entities/report.ts';
import type { Tier } from '../../../electron/contract/entities/fact.ts';
import { useQueryFields } from '../../client/hash-location.ts';
import { text } from '../../text/en.ts';
import { cellLevel, cellOf, isBelowTarget, isTooFew } from './heat-rules.ts';

export type HeatTableProps = { readonly cells: EvaluationReport['cells'] };

const tiers: readonly Tier[] = ['simple', 'relational', 'temporal', 'multi-hop'];

/** Right answers by category and tier; a pressed cell filters the failures. */
export function HeatTable({ cells }: HeatTableProps) {
  const [fields, setFields] = useQueryFields();
  const categories = [...new Set(cells.map(({ category }) => category))].sort();
  const shownTiers = tiers.filter((tier) => cells.some((cell) => cell.tier === tier));
  const words = text.report;
  const chosen = `${fields.get('category') ?? ''}/${fields.get('tier') ?? ''}`;
  return (
    <section className="stack-small">
      <h2>{words.heat}</h2>
      <div className="heat-scroll" tabIndex={0} role="region" aria-label={words.heat}>
        <table className="heat">
          <thead>
            <tr>
              <th scope="col">{words.category}</th>
              {shownTiers.map((tier) => (
                <th key={tier} scope="col">
                  {text.common.tiers[tier]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {categories.map((category) => (
              <tr key={category}>
                <th scope="row">{category}</th>
                {shownTiers.map((tier) => {
                  const cell = cellOf(cells, category, tier);
                  if (cell === undefined) return <td key={tier} className="heat-none" />;
                  const { right, n } = cell.rate;
                  const isChosen = chosen === `${category}/${tier}`;
                  return (
                    <td key={tier}>
                      <button
                        type="button"
                        className={`heat-cell ${cellLevel(cell.rate)}`}
                        aria-pressed={isChosen}
                        onClick={() =>
                          setFields(isChosen ? { category: null, tier: null } : { category, tier })
                        }
                      >
                        <span className="hidden-text">
                          {words.cellName(category, text.common.tiers[tier])}
                        </span>
                        {right}/{n}
                        {isBelowTarget(cell.rate) && <strong> !</strong>}
                        {isTooFew(cell.rate) && <span className="meta"> {words.tooFew}</span>}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="meta">{words.heatHint}</p>
    </section>
  );
}
