import { useMemo, useState } from 'react';
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Label,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { useLocation } from 'wouter';
import type { Settings } from '../../electron/contract/entities/settings.ts';
import { FactChip } from '../components/fact-chip.tsx';
import { useAct, useApp, useAppStore, useClient, useUndo } from '../state/use-app.ts';
import { useQuery } from '../state/use-query.ts';
import { text } from '../text/en.ts';
import { places } from './rail.tsx';
import { useStripAct } from './strip.tsx';
import { stripOf } from './strip-rules.ts';

const shownFacts = 8;

type Command = { readonly id: string; readonly label: string; readonly run: () => void };

/** Goes to places, does things and finds facts, by what is typed. */
export default function Palette() {
  const client = useClient();
  const store = useAppStore();
  const [, navigate] = useLocation();
  const [words, setWords] = useState('');
  const { contains } = useFilter({ sensitivity: 'base' });
  const commands = useCommands();
  const search = words.trim();
  const { data } = useQuery(
    client.facts.list,
    search === ''
      ? null
      : { search, limit: shownFacts, sort: 'added' as const, order: 'descending' as const },
    ['facts'],
  );
  const close = () => store.setState({ isPaletteOpen: false });
  const fitting = (list: readonly Command[]) => list.filter(({ label }) => contains(label, search));
  const goTo = fitting(
    places.map(([place]) => ({
      id: `go-${place}`,
      label: text.palette.goTo(text.shell.places[place]),
      run: () => navigate(`/${place}`),
    })),
  );
  const acts = fitting(commands);
  const facts = search === '' ? [] : (data?.facts ?? []);
  const run = (act: () => void) => {
    close();
    // The closing dialog gives the focus back first; what is done then may take it elsewhere.
    requestAnimationFrame(() => requestAnimationFrame(act));
  };

  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(opened) => {
        if (!opened) close();
      }}
      className="modal-ground palette-ground"
    >
      <Modal className="modal palette">
        <Dialog aria-label={text.palette.title} className="palette-dialog">
          <Autocomplete inputValue={words} onInputChange={setWords}>
            <SearchField autoFocus maxLength={200} className="palette-search">
              <Label className="hidden-text">{text.palette.field}</Label>
              <Input className="field-input palette-input" placeholder={text.palette.field} />
            </SearchField>
            <div className="palette-scroll" tabIndex={0} role="group" aria-label={text.palette.results}>
              <Menu
                className="menu"
                aria-label={text.palette.title}
                renderEmptyState={() => <p className="palette-empty muted">{text.palette.nothing}</p>}
              >
                {facts.length > 0 && (
                  <MenuSection>
                    <Header className="palette-head">{text.palette.groups.facts}</Header>
                    {facts.map((fact) => (
                      <MenuItem
                        key={fact.id}
                        id={`fact-${fact.id}`}
                        textValue={fact.statement}
                        className="menu-item"
                        onAction={() => run(() => navigate(`/facts/${fact.id}`))}
                      >
                        <span className="truncate">{fact.statement}</span>
                        <span className="menu-note">
                          <FactChip state={fact.state} />
                        </span>
                      </MenuItem>
                    ))}
                  </MenuSection>
                )}
                {acts.length > 0 && (
                  <CommandSection title={text.palette.groups.act} commands={acts} onRun={run} />
                )}
                {goTo.length > 0 && (
                  <CommandSection title={text.palette.groups.go} commands={goTo} onRun={run} />
                )}
              </Menu>
            </div>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

type CommandSectionProps = {
  readonly title: string;
  readonly commands: readonly Command[];
  readonly onRun: (act: () => void) => void;
};

function CommandSection({ title, commands, onRun }: CommandSectionProps) {
  return (
    <MenuSection>
      <Header className="palette-head">{title}</Header>
      {commands.map((command) => (
        <MenuItem
          key={command.id}
          id={command.id}
          textValue={command.label}
          className="menu-item"
          onAction={() => onRun(command.run)}
        >
          {command.label}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

/** What can be done from anywhere, the strip's button first. */
function useCommands(): readonly Command[] {
  const client = useClient();
  const store = useAppStore();
  const act = useAct();
  const undo = useUndo();
  const doStripAct = useStripAct();
  const [, navigate] = useLocation();
  const summary = useApp((state) => state.summary);
  const stripAct = summary === null ? null : stripOf(summary).act;
  return useMemo(() => {
    const { acts } = text.palette;
    const setTheme = (theme: Settings['theme']) => () =>
      void act(() => client.settings.set({ theme })).then((settings) => {
        if (settings !== undefined) store.setState({ settings });
      });
    return [
      ...(stripAct === null
        ? []
        : [{ id: 'strip', label: text.strip.buttons[stripAct], run: () => doStripAct(stripAct) }]),
      { id: 'new-fact', label: acts.newFact, run: () => navigate('/facts/new') },
      { id: 'import', label: acts.import, run: () => navigate('/inbox?import=open') },
      { id: 'conflicts', label: acts.conflicts, run: () => navigate('/facts/conflicts') },
      { id: 'temporary', label: acts.temporary, run: () => navigate('/chat/temporary') },
      { id: 'undo', label: acts.undo, run: () => void undo() },
      { id: 'light', label: acts.light, run: setTheme('light') },
      { id: 'dark', label: acts.dark, run: setTheme('dark') },
      { id: 'system', label: acts.system, run: setTheme('system') },
      { id: 'welcome', label: acts.welcome, run: () => navigate('/welcome/computer') },
      { id: 'help', label: acts.help, run: () => store.setState({ isHelpOpen: true }) },
    ];
  }, [client, store, act, undo, doStripAct, navigate, stripAct]);
}
