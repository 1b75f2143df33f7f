/**
 * A long list as a grid: only visible rows are mounted, arrows, Home/End, PgUp/PgDn, Space and Shift+arrows work, and
 * rows that are not read yet are asked for as they come near.
 */
import { useVirtualizer, defaultRangeExtractor, type Range } from '@tanstack/react-virtual';
import { Check } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { useGridList, useGridListItem, useGridListSelectionCheckbox } from 'react-aria';
import { CheckboxButton, CheckboxField } from 'react-aria-components';
import { Item, useListState, type ListState } from 'react-stately';

export type VirtualGridProps<Row> = {
  /** Name of the list. */
  readonly label: string;
  /** Rows that are read, from the first on. */
  readonly rows: readonly Row[];
  /** All rows there are. */
  readonly total: number;
  readonly rowHeight: number;
  readonly keyOf: (row: Row) => string;
  /** What the row is called: its statement and its state. */
  readonly nameOf: (row: Row) => string;
  readonly renderRow: (row: Row) => ReactNode;
  /** Asks for rows up to that many. */
  readonly onNeed?: (rows: number) => void;
  readonly onOpen?: (row: Row) => void;
  /** A key that the list itself does not use; true: it was used. */
  readonly onRowKey?: (event: KeyboardEvent, row: Row) => boolean;
  readonly openKey?: string | null;
  /** Absent: rows cannot be selected. */
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (selected: ReadonlySet<string>) => void;
  /** Puts the focus on a row; the same row again needs a new object. */
  readonly focusOn?: { readonly key: string } | null;
};

const aheadRows = 100;
const nothingSelected: ReadonlySet<string> = new Set();

/** The list. It fills its parent, which gives it its height. */
export function VirtualGrid<Row extends object>(props: VirtualGridProps<Row>) {
  const { label, rows, total, rowHeight, keyOf, nameOf, renderRow, onNeed, onOpen, openKey = null } = props;
  const { selected, onSelect, focusOn = null, onRowKey } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const wantsEnd = useRef(false);
  const items = useMemo(() => rows.map((row) => ({ key: keyOf(row), row })), [rows, keyOf]);
  const byKey = useMemo(() => new Map(items.map(({ key, row }) => [key, row])), [items]);
  const selectable = selected !== undefined && onSelect !== undefined;

  const state = useListState({
    items,
    // One and the same: another function would have every row of the collection built anew.
    children: useCallback(
      ({ key, row }: { readonly key: string; readonly row: Row }) => (
        <Item key={key} textValue={nameOf(row)}>
          {null}
        </Item>
      ),
      [nameOf],
    ),
    selectionMode: selectable ? 'multiple' : 'none',
    selectionBehavior: 'toggle',
    selectedKeys: selected ?? nothingSelected,
    onSelectionChange: (keys) => {
      if (keys === 'all') onSelect?.(new Set(items.map(({ key }) => key)));
      else onSelect?.(new Set([...keys].map(String)));
    },
  });
  const { gridProps } = useGridList(
    {
      'aria-label': label,
      isVirtualized: true,
      disallowTypeAhead: true,
      onAction: (key) => open(String(key)),
      layoutDelegate: useMemo(
        () =>
          createLayout(
            items.map(({ key }) => key),
            rowHeight,
            scroller,
          ),
        [items, rowHeight],
      ),
    },
    state,
    grid,
  );
  const { focusedKey } = state.selectionManager;
  const focusedIndex = focusedKey === null ? -1 : (state.collection.getItem(focusedKey)?.index ?? -1);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range);
        return focusedIndex < 0 || focusedIndex >= range.count || shown.includes(focusedIndex)
          ? shown
          : [...shown, focusedIndex].sort((a, b) => a - b);
      },
      [focusedIndex],
    ),
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const visible = virtualizer.getVirtualItems();
  const lastVisible = virtualizer.range?.endIndex ?? 0;
  useEffect(() => {
    if (rows.length < total && lastVisible + aheadRows / 2 >= rows.length) onNeed?.(lastVisible + aheadRows);
  }, [rows.length, total, lastVisible, onNeed]);

  const isFocused = state.selectionManager.isFocused;
  useEffect(() => {
    if (focusedIndex >= 0 && isFocused) virtualizer.scrollToIndex(focusedIndex, { align: 'auto' });
  }, [focusedIndex, isFocused, virtualizer]);

  const { selectionManager } = state;
  const focusRow = useCallback(
    (key: string) => {
      selectionManager.setFocused(true);
      selectionManager.setFocusedKey(key);
    },
    [selectionManager],
  );
  const asked = useRef<object | null>(null);
  useEffect(() => {
    if (focusOn === null || asked.current === focusOn || !byKey.has(focusOn.key)) return;
    asked.current = focusOn;
    focusRow(focusOn.key);
  }, [focusOn, byKey, focusRow]);
  useEffect(() => {
    const last = items.at(-1);
    if (!wantsEnd.current || rows.length < total || last === undefined) return;
    wantsEnd.current = false;
    focusRow(last.key);
  }, [items, rows.length, total, focusRow]);

  function open(key: string): void {
    const row = byKey.get(key);
    if (row !== undefined) onOpen?.(row);
  }

  /** Keys of the focused row itself, not of a field or button inside it. */
  function onKeyDownCapture(event: KeyboardEvent): void {
    const isOnRow = event.target instanceof HTMLElement && event.target.role === 'row';
    if (!isOnRow) return;
    const row = focusedKey === null ? undefined : byKey.get(String(focusedKey));
    if (event.key === 'End' && rows.length < total) {
      wantsEnd.current = true;
      onNeed?.(total);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && row !== undefined) onOpen?.(row);
    else if (row === undefined || onRowKey?.(event, row) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="grid-scroller" ref={scroller}>
      <div
        {...gridProps}
        aria-rowcount={total}
        onKeyDownCapture={onKeyDownCapture}
        ref={grid}
        className="grid"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {visible.map(({ index, start }) => {
          const item = items[index];
          return item === undefined ? (
            <div
              key={`unread-${index}`}
              className="grid-row is-unread"
              style={place(start, rowHeight)}
              aria-hidden
            />
          ) : (
            <GridRow
              key={item.key}
              rowKey={item.key}
              state={state}
              isOpen={item.key === openKey}
              isSelectable={selectable}
              style={place(start, rowHeight)}
            >
              {renderRow(item.row)}
            </GridRow>
          );
        })}
      </div>
    </div>
  );
}

type GridRowProps = {
  readonly rowKey: string;
  readonly state: ListState<object>;
  readonly isOpen: boolean;
  readonly isSelectable: boolean;
  readonly style: { readonly transform: string; readonly height: number };
  readonly children: ReactNode;
};

function GridRow({ rowKey, state, ...rest }: GridRowProps) {
  const node = state.collection.getItem(rowKey);
  return node === null ? null : <KnownRow {...rest} rowKey={rowKey} state={state} node={node} />;
}

type KnownRowProps = GridRowProps & {
  readonly node: NonNullable<ReturnType<ListState<object>['collection']['getItem']>>;
};

function KnownRow({ rowKey, state, node, isOpen, isSelectable, style, children }: KnownRowProps) {
  const row = useRef<HTMLDivElement>(null);
  const { rowProps, gridCellProps, isSelected } = useGridListItem({ node, isVirtualized: true }, state, row);
  return (
    <div
      {...rowProps}
      ref={row}
      className={`grid-row${isSelected ? ' is-selected' : ''}${isOpen ? ' is-open' : ''}`}
      style={style}
    >
      <div {...gridCellProps} className="grid-cell">
        {isSelectable && <RowCheckbox rowKey={rowKey} state={state} />}
        {children}
      </div>
    </div>
  );
}

function RowCheckbox({ rowKey, state }: Pick<GridRowProps, 'rowKey' | 'state'>) {
  const { checkboxProps } = useGridListSelectionCheckbox({ key: rowKey }, state);
  const isSelected = state.selectionManager.isSelected(rowKey);
  return (
    <CheckboxField {...checkboxProps} className="row-checkbox">
      <CheckboxButton className="checkbox">
        <span className="checkbox-box" aria-hidden>
          {isSelected && <Check size={14} />}
        </span>
      </CheckboxButton>
    </CheckboxField>
  );
}

const place = (start: number, height: number) => ({ transform: `translateY(${start}px)`, height });

/** Where rows lie although most are not mounted; for PgUp and PgDn. */
function createLayout(keys: readonly string[], rowHeight: number, scroller: Ref<HTMLDivElement>) {
  const indexes = new Map(keys.map((key, index) => [key, index]));
  const element = () => (typeof scroller === 'object' ? (scroller?.current ?? null) : null);
  const rect = (y: number, height: number) => ({ x: 0, y, width: element()?.clientWidth ?? 0, height });
  return {
    getItemRect: (key: string | number) => {
      const index = indexes.get(String(key));
      return index === undefined ? null : (rect(index * rowHeight, rowHeight) as never);
    },
    getVisibleRect: () => rect(element()?.scrollTop ?? 0, element()?.clientHeight ?? 0) as never,
    getContentSize: () => ({ width: element()?.clientWidth ?? 0, height: keys.length * rowHeight }) as never,
  };
}
