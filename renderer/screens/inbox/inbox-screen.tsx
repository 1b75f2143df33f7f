import { Import } from 'lucide-react';
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import type { Proposal } from '../../../electron/contract/entities/proposal.ts';
import { useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { VirtualGrid } from '../../components/virtual-grid.tsx';
import { Screen } from '../../shell/screen.tsx';
import { announce } from '../../state/store.ts';
import { useApp, useAppStore, useClient, useUndo } from '../../state/use-app.ts';
import { useRows } from '../../state/use-rows.ts';
import { text } from '../../text/en.ts';
import { ImportDialog } from './import-dialog.tsx';
import { ProposalPane, type PaneMode } from './proposal-pane.tsx';
import { effectWords, nameOf, needsEdit } from './proposal-rules.ts';
import { useProposalActs } from './use-proposal-acts.ts';

const nothing: ReadonlySet<string> = new Set();

/** Proposals in a list, the open one with its quote beside it. */
export function InboxScreen({ id }: { readonly id: string | null }) {
  const client = useClient();
  const store = useAppStore();
  const acts = useProposalActs();
  const undo = useUndo();
  const [, navigate] = useLocation();
  const [fields, change] = useQueryFields();
  const density = useApp((state) => state.settings?.density ?? 'comfortable');
  const areLettersOn = useApp((state) => state.settings?.letterKeys ?? true);
  const [selected, setSelected] = useState<ReadonlySet<string>>(nothing);
  const [mode, setMode] = useState<PaneMode>('read');
  const [focusOn, setFocusOn] = useState<{ readonly key: string } | null>(null);
  const { rows, total, isLoading, error, reload, need } = useRows<Proposal>(
    'open',
    async (page, signal) => {
      const found = await client.proposals.list({ state: 'open', ...page }, { signal });
      return { ...found, rows: found.proposals };
    },
    ['proposals', 'facts'],
  );
  const open = rows.find((row) => row.id === id) ?? null;
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.id)), [rows, selected]);
  const sources = useMemo(
    () => new Set(rows.map(({ source }) => `${source.type} ${source.name}`)).size,
    [rows],
  );

  const show = useCallback(
    (to: string | null) => {
      setMode('read');
      navigate(to === null ? '/inbox' : `/inbox/${to}`, { replace: true });
    },
    [navigate],
  );
  const openFor = (proposal: Proposal, next: PaneMode) => {
    show(proposal.id);
    setMode(next);
  };

  /** After an act the next row has the focus and what is left is spoken. */
  function goOn(done: readonly Proposal[]): void {
    const gone = new Set(done.map((proposal) => proposal.id));
    const at = rows.findIndex((row) => gone.has(row.id));
    const next = rows.slice(at).find((row) => !gone.has(row.id)) ?? rows.findLast((row) => !gone.has(row.id));
    setSelected(nothing);
    if (id !== null || next !== undefined) show(id === null ? null : (next?.id ?? null));
    if (next !== undefined) setFocusOn({ key: next.id });
    announce(store, text.inbox.left(total - done.length));
  }
  async function accept(proposals: readonly Proposal[]): Promise<void> {
    const [first] = proposals;
    if (first === undefined) return;
    if (proposals.length === 1 && needsEdit(first)) {
      openFor(first, 'edit');
      return;
    }
    if (proposals.length === 1 && first.effect === 'conflicts') {
      openFor(first, 'choose');
      return;
    }
    if (proposals.length > 1) {
      const result = await acts.acceptMany(proposals);
      if (result !== undefined) goOn(result.accepted);
    } else if ((await acts.accept(first)) !== undefined) goOn([first]);
  }
  async function reject(proposals: readonly Proposal[]): Promise<void> {
    if (proposals.length > 0 && (await acts.reject(proposals)) !== undefined) goOn(proposals);
  }

  function onRowKey(event: KeyboardEvent, row: Proposal): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const meant = selected.has(row.id) ? chosen : [row];
    if (event.key === 'Delete') {
      void reject(meant);
      return true;
    }
    if (!areLettersOn) return false;
    switch (event.key) {
      case 'a':
        void accept(meant);
        return true;
      case 'x':
        void reject(meant);
        return true;
      case 'e':
        openFor(row, 'edit');
        return true;
      case 'm':
        openFor(row, row.touches === null ? 'edit' : 'merge');
        return true;
      case 'u':
        void undo();
        return true;
      default:
        return false;
    }
  }

  const isImporting = fields.get('import') !== null;
  const importButton = (
    <Button icon={<Import aria-hidden size={16} />} onPress={() => change({ import: 'open' })}>
      {text.inbox.importAct}
    </Button>
  );
  /** What is selected, else the one that is open; never a row that nobody pointed at. */
  const primaryFor = chosen.length > 0 || open === null ? chosen : [open];

  return (
    <Screen
      title={text.inbox.title}
      aside={total > 0 ? text.inbox.found(total, rows.length === total ? sources : 0) : null}
      isFilled
      secondary={total > 0 ? importButton : undefined}
      primary={
        total > 0 ? (
          <Button kind="primary" isDisabled={primaryFor.length === 0} onPress={() => void accept(primaryFor)}>
            {chosen.length > 1 ? text.inbox.acceptSelected(chosen.length) : text.inbox.accept}
          </Button>
        ) : undefined
      }
      pane={
        id === null ? null : (
          <ProposalPane
            key={id}
            proposal={open}
            isLoading={isLoading}
            mode={mode}
            onMode={setMode}
            onAccept={(proposal) => void accept([proposal])}
            onReject={(proposal) => void reject([proposal])}
            onSettled={(proposal) => goOn([proposal])}
          />
        )
      }
      paneLabel={text.inbox.pane}
      onClosePane={() => {
        show(null);
        if (id !== null) setFocusOn({ key: id });
      }}
    >
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {rows.length === 0 && isLoading && <Loading what={text.inbox.list.toLowerCase()} />}
      {rows.length === 0 && !isLoading && error === null && (
        <EmptyState title={text.inbox.emptyTitle} action={importButton}>
          <p>{text.inbox.emptyWords}</p>
        </EmptyState>
      )}
      {chosen.length > 1 && (
        <div className="bulk-bar" role="group" aria-label={text.common.selected(chosen.length)}>
          <span className="strong">{text.common.selected(chosen.length)}</span>
          <span className="line line-end">
            <Button onPress={() => void reject(chosen)}>{text.inbox.rejectSelected(chosen.length)}</Button>
            <Button kind="quiet" onPress={() => setSelected(nothing)}>
              {text.facts.clearSelection}
            </Button>
          </span>
        </div>
      )}
      {rows.length > 0 && (
        <>
          <p className="meta">{text.inbox.keys}</p>
          <div className="list-frame">
            <VirtualGrid
              label={text.inbox.list}
              rows={rows}
              total={total}
              rowHeight={density === 'compact' ? 32 : 40}
              keyOf={proposalKey}
              nameOf={nameOf}
              renderRow={renderProposal}
              onNeed={need}
              onOpen={(proposal) => show(proposal.id)}
              onRowKey={onRowKey}
              openKey={id}
              selected={selected}
              onSelect={setSelected}
              focusOn={focusOn}
            />
          </div>
        </>
      )}
      {isImporting && <ImportDialog onClose={() => change({ import: null })} />}
    </Screen>
  );
}

const proposalKey = (proposal: Proposal): string => proposal.id;
const renderProposal = (proposal: Proposal) => (
  <>
    <span className="row-main" title={proposal.statement}>
      {proposal.statement}
    </span>
    <span className={`row-side proposal-effect truncate is-${proposal.effect}`}>{effectWords(proposal)}</span>
  </>
);
