/** How many tokens an answer's prompt had less than one with every fact in it. */
import type { Fact } from '../../contract/entities/fact.ts';
import type { LoadedModel } from '../dependencies.ts';
import { needingPrompt } from '../ledger/bridge.ts';

/** Lengths of statements by base and text; bounded, so that a day of edits does not fill the memory. */
const mostKnown = 50_000;

/** Counts with a memory: thousands of statements stay the same from one answer to the next. */
export function createSavedTokens() {
  const known = new Map<string, number>();

  function lengthOf(model: LoadedModel, statement: string): number {
    const key = `${model.file}\n${statement}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= mostKnown) known.clear();
    const length = model.encodeText(`- ${statement}\n`).length;
    known.set(key, length);
    return length;
  }

  return (model: LoadedModel, facts: readonly Fact[], bridged: readonly string[]): number => {
    const sum = (statements: readonly string[]): number =>
      statements.reduce((total, statement) => total + lengthOf(model, statement), 0);
    const all = needingPrompt(facts, new Set()).map((fact) => fact.statement);
    return Math.max(0, sum(all) - sum(bridged));
  };
}
