import { useState } from 'react';
import type { FactFilter, FactMarks } from '../../../electron/contract/entities/fact-list.ts';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { today } from '../../text/format.ts';
import { ForgetDialog } from './forget-dialog.tsx';

export type BulkBarProps = {
  readonly selected: ReadonlySet<string>;
  readonly rows: readonly FactWithState[];
  readonly total: number;
  readonly filter: FactFilter;
  /** The query is meant, not the rows that are read. */
  readonly isAll: boolean;
  readonly onSelectAll: () => void;
  readonly onClear: () => void;
};

/** Acts on what is selected: on rows by their ids, on all that fit by the query itself. */
export function BulkBar({ selected, rows, total, filter, isAll, onSelectAll, onClear }: BulkBarProps) {
  const client = useClient();
  const act = useAct();
  const [isForgetting, setIsForgetting] = useState(false);
  const where: FactFilter = isAll ? filter : { ids: [...selected] };
  const facts = isAll ? total : selected.size;

  const set = (marks: FactMarks) =>
    void act(() => client.facts.setMany({ where, set: marks }), {
      said: ({ changed, destroyedAdapters }) =>
        text.facts.bulkSaved(changed) +
        ((destroyedAdapters?.length ?? 0) > 0 ? text.facts.unlearnt(destroyedAdapters?.length ?? 0) : ''),
      undo: () => client.facts.undo({}),
    }).then(onClear);

  return (
    <div className="bulk-bar" role="group" aria-label={text.common.selected(facts)}>
      <span className="strong">
        {isAll ? text.facts.allSelected(total) : text.common.selected(selected.size)}
      </span>
      {!isAll && selected.size >= Math.min(rows.length, total) && total > selected.size && (
        <Button kind="quiet" onPress={onSelectAll}>
          {text.facts.selectAll(total)}
        </Button>
      )}
      <span className="line line-end">
        <Button onPress={() => set({ neverTrain: true })}>{text.facts.bulkNeverTrain}</Button>
        <Button onPress={() => set({ neverTrain: false })}>{text.facts.bulkTrain}</Button>
        <Button onPress={() => set({ validTo: today() })}>{text.facts.bulkEnd}</Button>
        <Button onPress={() => setIsForgetting(true)}>{text.facts.bulkForget}</Button>
        <Button kind="quiet" onPress={onClear}>
          {text.facts.clearSelection}
        </Button>
      </span>
      {isForgetting && (
        <ForgetDialog
          title={text.facts.forgetMany(facts)}
          words={text.facts.forgetManyWords(facts)}
          forget={() => client.facts.removeMany({ where })}
          onClose={() => setIsForgetting(false)}
          onForgotten={onClear}
        />
      )}
    </div>
  );
}
