import { useCallback } from 'react';
import type { FactFacets } from '../../../electron/contract/entities/ledger.ts';
import { useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { text } from '../../text/en.ts';
import { number } from '../../text/format.ts';
import { isFiltered, sorts, stateNames, tierNames, type FactView, type SortName } from './fact-rules.ts';

export type FactFiltersProps = { readonly view: FactView; readonly facets: FactFacets | undefined };

/** Search, filters and order; all of them live in the address. */
export function FactFilters({ view, facets }: FactFiltersProps) {
  const [, change] = useQueryFields();
  const search = useCallback((value: string) => change({ q: value }), [change]);
  const { filters } = text.facts;
  const counted = (facts: number | undefined) => (facts === undefined ? {} : { count: number(facts) });
  const sortNames = Object.keys(sorts) as SortName[]; // Object.keys forgets the names.

  return (
    <div className="list-bar">
      <SearchField label={text.facts.search} value={view.search} onSearch={search} />
      <FilterMenu
        label={filters.tier}
        chosen={view.tiers}
        options={tierNames.map((tier) => ({
          value: tier,
          label: text.common.tiers[tier],
          ...counted(facets?.tiers[tier]),
        }))}
        onChange={(chosen) => change({ tier: chosen.join(',') })}
      />
      <FilterMenu
        label={filters.category}
        chosen={view.categories}
        options={(facets?.categories ?? []).map(({ category, facts }) => ({
          value: category,
          label: category,
          count: number(facts),
        }))}
        onChange={(chosen) => change({ category: chosen.join(',') })}
      />
      <FilterMenu
        label={filters.state}
        chosen={view.states}
        options={stateNames.map((state) => ({
          value: state,
          label: text.common.states[state],
          ...counted(facets?.states[state]),
        }))}
        onChange={(chosen) => change({ state: chosen.join(',') })}
      />
      {isFiltered(view) && (
        <Button kind="quiet" onPress={() => change({ q: null, tier: null, category: null, state: null })}>
          {filters.clear}
        </Button>
      )}
      <div className="line-end fact-sort">
        <SelectField
          label={text.facts.sort}
          isLabelHidden
          value={view.sort}
          options={sortNames.map((name) => ({ value: name, label: text.facts.sorts[name] }))}
          onChange={(sort) => change({ sort: sort === 'newest' ? null : sort })}
        />
      </div>
    </div>
  );
}
