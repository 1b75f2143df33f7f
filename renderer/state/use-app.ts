/** Hooks over the shared store and the core. */
import { createContext, useCallback, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import { toAppError } from '../../electron/contract/errors.ts';
import type { Client } from '../client/connect.ts';
import { nameError } from './name-error.ts';
import { noteAct, notify, type AppState, type AppStore } from './store.ts';

export type App = { readonly client: Client; readonly store: AppStore };

/** Holds the app for all screens. */
export const AppContext = createContext<App | null>(null);

function useAppContext(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('The app context is missing above this component.');
  return app;
}

/** A part of the shared state; the component is drawn again when that part changes. */
export function useApp<Part>(choose: (state: AppState) => Part): Part {
  return useStore(useAppContext().store, choose);
}

/** The client of the core. */
export function useClient(): Client {
  return useAppContext().client;
}

/** The shared store itself, for acts. */
export function useAppStore(): AppStore {
  return useAppContext().store;
}

export type ActOptions<Result> = {
  /** What the undo bar says afterwards; a function is given the result. */
  readonly said?: string | ((result: Result) => string | null);
  readonly undo?: (result: Result) => Promise<unknown>;
};

/** Runs an act of the reader: its failure is shown by the shell, its success said and kept for Undo where asked. */
export function useAct() {
  const { store } = useAppContext();
  return useCallback(
    async <Result>(
      work: () => Promise<Result>,
      { said, undo }: ActOptions<Result> = {},
    ): Promise<Result | undefined> => {
      try {
        const result = await work();
        store.setState({ failure: null });
        const text = typeof said === 'function' ? said(result) : (said ?? null);
        if (text !== null && undo !== undefined) noteAct(store, { text, undo: () => undo(result) });
        else if (text !== null) notify(store, text);
        return result;
      } catch (error) {
        if (toAppError(error).code !== 'cancelled') store.setState({ failure: nameError(error) });
        return undefined;
      }
    },
    [store],
  );
}

/** Takes back the newest act of this page, if there is one. */
export function useUndo(): () => Promise<void> {
  const { store } = useAppContext();
  const act = useAct();
  return useMemo(
    () => async () => {
      const last = store.getState().acts.at(-1);
      if (last === undefined) return;
      store.setState(({ acts }) => ({ acts: acts.slice(0, -1), notice: null }));
      await act(last.undo, { said: () => undone(last.text) });
    },
    [store, act],
  );
}

/** What was said of the act first; what followed from it holds no more. */
const undone = (text: string): string => `Undone: ${text.replace(/(?<=\.) .*$/u, '')}`;
