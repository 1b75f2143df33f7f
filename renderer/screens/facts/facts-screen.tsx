import { Plus, TriangleAlert } from 'lucide-react';
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import type { FactFacets, FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { useHashQuery, useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { VirtualGrid } from '../../components/virtual-grid.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { useRows } from '../../state/use-rows.ts';
import { text } from '../../text/en.ts';
import { count } from '../../text/format.ts';
import { BulkBar } from './bulk-bar.tsx';
import { FactFilters } from './fact-filters.tsx';
import { FactPane } from './fact-pane.tsx';
import { FactRow, FactRowHeads } from './fact-row.tsx';
import { filterOf, isDerived, isFiltered, nameOf, parseView, sorts } from './fact-rules.ts';
import { FactsEmpty } from './facts-empty.tsx';
import { NewFactPane } from './new-fact.tsx';
import { useFactActs } from './use-fact-acts.ts';

const nothing: ReadonlySet<string> = new Set();

/** The table of facts, and beside it the one that is open. */
export function FactsScreen({ id }: { readonly id: string | null }) {
  const client = useClient();
  const acts = useFactActs();
  const [, navigate] = useLocation();
  const query = useHashQuery();
  const [fields] = useQueryFields();
  const view = parseView(fields);
  const filter = useMemo(() => filterOf(parseView(new URLSearchParams(query))), [query]);
  const order = sorts[view.sort];
  const density = useApp((state) => state.settings?.density ?? 'comfortable');
  const areLettersOn = useApp((state) => state.settings?.letterKeys ?? true);
  const conflicts = useApp((state) => state.summary?.facts.conflicts ?? 0);
  const { data: facets } = useQuery(client.facts.facets, {}, ['facts', 'adapters']);
  const [selected, setSelected] = useState<ReadonlySet<string>>(nothing);
  const [isAllSelected, setIsAllSelected] = useState(false);
  const [editing, setEditing] = useState<{ readonly id: string } | null>(null);
  const [focusOn, setFocusOn] = useState<{ readonly key: string } | null>(null);

  const { rows, total, isLoading, error, reload, need } = useRows<FactWithState>(
    JSON.stringify([filter, order]),
    async (page, signal) => {
      const found = await client.facts.list({ ...filter, ...order, ...page }, { signal });
      return {
        rows: found.facts,
        total: found.total ?? found.facts.length,
        nextCursor: found.nextCursor ?? null,
      };
    },
    ['facts', 'adapters', 'evaluations'],
    { largestPage: 20_000 },
  );

  const show = useCallback(
    (to: string | null) => {
      navigate(`/facts${to === null ? '' : `/${to}`}${query === '' ? '' : `?${query}`}`);
    },
    [navigate, query],
  );
  const closePane = () => {
    show(null);
    setEditing(null);
    if (id !== null && id !== 'new') setFocusOn({ key: id });
  };
  const select = useCallback((keys: ReadonlySet<string>) => {
    setSelected(keys);
    setIsAllSelected(false);
  }, []);

  function onRowKey(event: KeyboardEvent, fact: FactWithState): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === 'Delete' && !isDerived(fact) && fact.current) {
      void acts.end(fact);
      return true;
    }
    if (!areLettersOn) return false;
    switch (event.key) {
      case 'e':
        show(fact.id);
        setEditing({ id: fact.id });
        return true;
      case 'r':
        if (!isDerived(fact) && fact.current) void acts.end(fact);
        return true;
      case 'p':
        if (!isDerived(fact)) void acts.setNeverTrain(fact, !fact.neverTrain);
        return true;
      default:
        return false;
    }
  }

  const isEmpty = !isLoading && error === null && total === 0 && !isFiltered(view);
  const all = facets?.total ?? total;
  const pane =
    id === 'new' ? (
      <NewFactPane onAdded={(added) => show(added)} />
    ) : id !== null ? (
      <FactPane
        key={id}
        id={id}
        wantsEdit={editing?.id === id}
        onMoved={(moved) => show(moved)}
        onForgotten={closePane}
      />
    ) : null;

  return (
    <Screen
      title={text.facts.title}
      aside={isEmpty || facets === undefined ? null : foundWords(total, isFiltered(view), facets)}
      isFilled
      primary={
        <Button kind="primary" icon={<Plus aria-hidden size={16} />} onPress={() => show('new')}>
          {text.facts.newFact}
        </Button>
      }
      pane={pane}
      paneLabel={id === 'new' ? text.facts.newTitle : text.facts.pane}
      onClosePane={closePane}
    >
      {isEmpty ? (
        <FactsEmpty onAdd={() => show('new')} />
      ) : (
        <>
          <FactFilters view={view} facets={facets} />
          {conflicts > 0 && (
            <div className="conflict-line">
              <TriangleAlert aria-hidden size={16} />
              <span>{text.facts.conflictsWait(conflicts)}</span>
              <Button onPress={() => navigate('/facts/conflicts')}>{text.facts.settle}</Button>
            </div>
          )}
          {selected.size > 0 && (
            <BulkBar
              selected={selected}
              rows={rows}
              total={total}
              filter={filter}
              isAll={isAllSelected}
              onSelectAll={() => setIsAllSelected(true)}
              onClear={() => select(nothing)}
            />
          )}
          {error !== null && <ErrorNote error={error} onRetry={reload} />}
          {rows.length === 0 && isLoading && <Loading what={count(all, 'fact')} />}
          {rows.length === 0 && !isLoading && error === null ? (
            <EmptyState
              title={text.facts.noneFound}
              action={<Button onPress={() => navigate('/facts')}>{text.facts.filters.clear}</Button>}
            >
              <p>{text.facts.noneFoundWords}</p>
            </EmptyState>
          ) : (
            <div className="list-frame">
              <FactRowHeads />
              <VirtualGrid
                label={text.facts.list}
                rows={rows}
                total={total}
                rowHeight={density === 'compact' ? 32 : 40}
                keyOf={factKey}
                nameOf={nameOf}
                renderRow={renderFact}
                onNeed={need}
                onOpen={(fact) => show(fact.id)}
                onRowKey={onRowKey}
                openKey={id}
                selected={selected}
                onSelect={select}
                focusOn={focusOn}
              />
            </div>
          )}
        </>
      )}
    </Screen>
  );
}

const factKey = (fact: FactWithState): string => fact.id;
const renderFact = (fact: FactWithState) => <FactRow fact={fact} />;

function foundWords(shown: number, isPart: boolean, { total, states }: FactFacets): string {
  const retired = states.retired ?? 0;
  return isPart
    ? text.facts.found(shown, total + retired)
    : text.facts.all(total, Math.max(0, shown - total));
}
