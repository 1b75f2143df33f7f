import { useMemo } from 'react';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { today } from '../../text/format.ts';

type Unlearnt = { readonly destroyedAdapters?: readonly string[] | undefined };

/** What a reader does to facts; each can be taken back, and its failure is shown by the shell. */
export function useFactActs() {
  const client = useClient();
  const act = useAct();
  return useMemo(() => {
    const undo = () => client.facts.undo({});
    const said = (words: string) => (result: Unlearnt) => {
      const versions = result.destroyedAdapters?.length ?? 0;
      return versions === 0 ? words : words + text.facts.unlearnt(versions);
    };
    return {
      changeValue: (fact: FactWithState, value: string, how: 'changed' | 'typo', from: string) =>
        act(
          () =>
            client.facts.edit({
              id: fact.id,
              value,
              typo: how === 'typo',
              ...(how === 'changed' && from !== '' && { validFrom: from }),
            }),
          { said: said(how === 'typo' ? text.facts.savedTypo(value) : text.facts.saved(value)), undo },
        ),
      changeDates: (fact: FactWithState, validFrom: string, validTo: string) =>
        act(
          () =>
            client.facts.edit({
              id: fact.id,
              ...(validFrom !== (fact.validFrom ?? '') && { validFrom }),
              ...(validTo !== (fact.validTo ?? '') && { validTo }),
            }),
          { said: said(text.facts.datesSaved), undo },
        ),
      changeCategory: (fact: FactWithState, category: string) =>
        act(() => client.facts.edit({ id: fact.id, category }), {
          said: said(text.facts.categorySaved(category)),
          undo,
        }),
      end: (fact: FactWithState) =>
        act(() => client.facts.edit({ id: fact.id, validTo: today() }), {
          said: said(text.facts.endedSaved),
          undo,
        }),
      setNeverTrain: (fact: FactWithState, neverTrain: boolean) =>
        act(() => client.facts.edit({ id: fact.id, neverTrain }), {
          said: said(neverTrain ? text.facts.neverTrainOn : text.facts.neverTrainOff),
          undo,
        }),
    };
  }, [client, act]);
}

export type FactActs = ReturnType<typeof useFactActs>;
