import type { Topic } from '../../contract/events.ts';

/** A change of facts may destroy what had learnt them. */
const facts: readonly Topic[] = ['facts', 'adapters'];
/** States of facts are those for the active adapter. */
const adapters: readonly Topic[] = ['adapters', 'facts'];

/** What a successful call of a method may have changed. Methods that only read, or begin a job, are missing. */
const changedBy: Readonly<Record<string, readonly Topic[]>> = {
  'facts.add': facts,
  'facts.import': facts,
  'facts.importText': facts,
  'facts.importSample': facts,
  'facts.edit': facts,
  'facts.settle': facts,
  'facts.remove': facts,
  'facts.removeMany': facts,
  'facts.tellWrong': facts,
  'facts.setMany': facts,
  'facts.undo': facts,
  'facts.redo': facts,
  'facts.clearHistory': facts,
  'profiles.add': ['profiles'],
  'profiles.rename': ['profiles'],
  'profiles.use': ['profiles'],
  'profiles.remove': ['profiles'],
  'profiles.import': ['profiles', 'models'],
  'localServer.set': ['settings'],
  'localServer.renewKey': ['settings'],
  'models.add': ['models'],
  'models.remove': ['models'],
  'datasets.build': ['datasets'],
  'lessons.veto': ['datasets'],
  'adapters.describe': ['adapters'],
  'adapters.activate': [...adapters, 'settings'],
  'adapters.rollback': adapters,
  'adapters.import': adapters,
  'adapters.delete': adapters,
  'proposals.extract': ['proposals'],
  'proposals.accept': ['proposals', ...facts],
  'proposals.merge': ['proposals', ...facts],
  'proposals.reject': ['proposals'],
  'proposals.undo': ['proposals', ...facts],
  'conversations.rename': ['conversations'],
  'conversations.remove': ['conversations'],
  'conversations.removeAll': ['conversations'],
  // Another base answers from the prompt: states of facts change with it.
  'settings.set': ['settings', 'facts'],
};

/** What the last words of methods are called that write nothing into the data folder. */
const reading: ReadonlySet<string> = new Set(
  'list get facets conflicts readAnswer preview history show plan search explain suggestions watch exports compare summary connections cancel pause'.split(
    ' ',
  ),
);

/** True for a method that may write. Facts can be exported also where nothing can be written any more. */
export function mayWrite(path: readonly string[]): boolean {
  return !reading.has(path.at(-1) ?? '') && path.join('.') !== 'facts.export';
}

/** Topics that a call of a method announces when it has succeeded. */
export function topicsOfMethod(path: readonly string[]): readonly Topic[] {
  return changedBy[path.join('.')] ?? [];
}
