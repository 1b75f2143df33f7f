/** Use cases of the Inbox: read a text, list what waits, accept, merge, reject, and take it back. */
import type { Database } from 'better-sqlite3';
import type { Fact, FactDraft, IfOther } from '../../../contract/entities/fact.ts';
import type { DraftEffect, Proposal, ProposalSource } from '../../../contract/entities/proposal.ts';
import { AppError } from '../../../contract/errors.ts';
import type { Clock } from '../../dependencies.ts';
import { normaliseText } from '../../util/text.ts';
import { dayOf } from '../dates.ts';
import { DraftProblem } from '../draft-rules.ts';
import { extractFacts, type Extracted } from '../extract.ts';
import { asInput } from '../fact-input.ts';
import type { FactService, Removal } from '../fact-service.ts';
import type { Kinds } from '../kinds.ts';
import { claimOf, claimOfFact, effectOf, indexFacts } from './proposal-effect.ts';
import { createProposalStore, type StoredProposal } from './proposal-store.ts';

/** How many sentences that gave nothing are shown, and how much of each. */
const shownUnread = 50;
const shownCharacters = 200;

/** How many decisions can be taken back. */
export const undoDepth = 50;

export type ProposalServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly kinds: Kinds;
  readonly facts: FactService;
};

export type ProposalService = ReturnType<typeof createProposalService>;

/** Creates the use cases over one profile's database. */
export function createProposalService(input: ProposalServiceInput) {
  const { db, clock, newId, kinds, facts } = input;
  const store = createProposalStore(db);

  function readEffects(): (draft: FactDraft) => DraftEffect {
    const context = { facts: indexFacts(facts.list(), kinds), kinds, today: dayOf(clock.now()) };
    return (draft) => effectOf(draft, context);
  }

  function view(
    { sequence: _sequence, factId: _factId, ...proposal }: StoredProposal,
    effect: DraftEffect,
  ): Proposal {
    return { ...proposal, ...effect };
  }

  function show(id: string): Proposal {
    const found = resolve(id);
    return view(found, readEffects()(found.draft));
  }

  function resolve(id: string): StoredProposal {
    const found = store.find(id);
    if (found !== undefined) return found;
    throw new AppError('not-found', 'That proposal no longer exists.', { hint: 'Open the Inbox again.' });
  }

  function resolveOpen(id: string): StoredProposal {
    const found = resolve(id);
    if (found.state === 'open') return found;
    throw new AppError('conflict', `That proposal was ${found.state} already.`, {
      hint: 'Undo takes the last decision back.',
    });
  }

  /** Runs a decision with the change of facts that belongs to it, and keeps the way back. */
  function decide<Result>(ids: readonly string[], work: () => Result): Result {
    return db
      .transaction(() => {
        const before = facts.history.list()[0]?.id ?? 0;
        const result = work();
        const last = facts.history.list()[0];
        const changeId = last !== undefined && last.id > before ? last.id : null;
        store.insertStep(ids, changeId, clock.now());
        store.keepNewestSteps(undoDepth);
        return result;
      })
      .immediate();
  }

  /** Puts into the Inbox what is not known there, in one transaction; gives the new ones. */
  function propose(
    extracted: readonly Extracted[],
    source: ProposalSource,
    options: { readonly foundBy: Proposal['foundBy']; readonly onlyNews: boolean },
  ): Proposal[] {
    const readEffect = readEffects();
    return db
      .transaction(() =>
        extracted.flatMap(({ draft, quote }): Proposal[] => {
          const effect = effectOrNothing(draft, readEffect);
          if (effect === undefined || (options.onlyNews && effect.effect === 'same')) return [];
          const claim = claimOf(draft, kinds);
          const place = placeOf(source, quote);
          if (store.isKnown(claim, place)) return [];
          const id = newId();
          store.insert({
            ...{ id, draft, quote, source, claim, place },
            foundBy: options.foundBy,
            createdAt: clock.now(),
          });
          return [view(resolve(id), effect)];
        }),
      )
      .immediate();
  }

  return {
    /** Reads a text by the rules. What its owner rejected from the same source, or what waits, is not proposed again. */
    extract: (
      text: string,
      source: ProposalSource,
    ): { proposals: Proposal[]; sentences: number; skipped: number; unread: string[] } => {
      const { found, sentences, unread } = extractFacts(text, kinds);
      const proposals = propose(found, source, { foundBy: 'rules', onlyNews: source.type === 'chat' });
      return {
        proposals,
        sentences,
        skipped: unread.length,
        unread: unread.slice(0, shownUnread).map(shorten),
      };
    },
    /** Keeps what a model has found, each with a literal quote. */
    proposeFound: (found: readonly Extracted[], source: ProposalSource): Proposal[] =>
      propose(found, source, { foundBy: 'model', onlyNews: true }),

    list: (request: {
      readonly state: 'open' | 'done';
      readonly limit: number;
      readonly cursor?: string | undefined;
    }): { proposals: Proposal[]; total: number; nextCursor: string | null } => {
      const after = readCursor(request.cursor);
      const rows = store.page(request.state, request.limit + 1, after);
      const shown = rows.slice(0, request.limit);
      const readEffect = readEffects();
      const last = shown.at(-1);
      return {
        proposals: shown.map((row) => view(row, readEffect(row.draft))),
        total: store.count(request.state),
        nextCursor: rows.length > request.limit && last !== undefined ? String(last.sequence) : null,
      };
    },
    /** How many wait. */
    countOpen: (): number => store.count('open'),

    /** What a draft would do to the facts that are there. */
    preview: (draft: FactDraft): DraftEffect => asInput(() => readEffects()(draft)),

    /**
     * Makes it a fact. Throws `invalid-input` for one that nobody wrote and nobody edited, and `conflict` where it would
     * take the place of another value and nobody said so.
     */
    accept: (
      id: string,
      draft?: FactDraft,
      ifOther: IfOther = 'refuse',
    ): { proposal: Proposal; fact: Fact } => {
      const proposal = resolveOpen(id);
      const isEdited = draft !== undefined && JSON.stringify(draft) !== JSON.stringify(proposal.draft);
      if (proposal.quote === null && !isEdited) {
        throw new AppError('invalid-input', 'Nobody wrote this sentence, so it cannot be accepted unread.', {
          hint: 'Edit it first, or reject it.',
        });
      }
      const accepted = draft ?? proposal.draft;
      const factId = decide([id], () => {
        const made = facts.add(accepted, ifOther).ids[0] ?? '';
        store.decide(id, { state: 'accepted', factId: made, now: clock.now(), draft: accepted });
        return made;
      });
      return { proposal: show(id), fact: facts.get(factId) };
    },

    /** Gives the fact that it touches another value: `changed` dates the old one, `typo` replaces it. */
    merge: (id: string, value: string, how: 'changed' | 'typo'): { proposal: Proposal; fact: Fact } => {
      const proposal = resolveOpen(id);
      const touched = show(id).touches;
      if (touched === null) {
        throw new AppError('invalid-input', 'There is no fact that this could be merged with.', {
          hint: 'Accept it as a new fact.',
        });
      }
      const { validFrom } = proposal.draft;
      const factId = decide([id], () => {
        const { fact } = facts.edit(touched.factId, {
          value,
          ...(how === 'typo' ? { typo: true } : validFrom !== undefined && { validFrom }),
        });
        store.decide(id, { state: 'merged', factId: fact.id, now: clock.now() });
        return fact.id;
      });
      return { proposal: show(id), fact: facts.get(factId) };
    },

    /** All of them or none. */
    reject: (ids: readonly string[]): string[] => {
      const open = [...new Set(ids)].map((id) => resolveOpen(id).id);
      return decide(open, () => {
        for (const id of open) store.decide(id, { state: 'rejected', factId: null, now: clock.now() });
        return open;
      });
    },

    /**
     * Takes back the last decision. `undoFacts` takes back the last change of facts; it is called where that change came
     * with the decision.
     */
    undo: async (undoFacts: () => Promise<unknown>): Promise<Proposal[]> => {
      const step = store.lastStep();
      if (step === undefined) {
        throw new AppError('conflict', 'There is no decision to take back.', {
          hint: 'The last 50 decisions can be taken back.',
        });
      }
      // A number that was given again after the history was cleared belongs to a later change.
      const change = facts.history
        .list()
        .find((each) => each.id === step.changeId && each.createdAt <= step.createdAt);
      if (change !== undefined && !change.undone) {
        if (change.id !== facts.history.plan('undo').change.id) {
          throw new AppError(
            'conflict',
            'Facts were changed after that decision, so it cannot be taken back yet.',
            {
              hint: 'Undo the later change of facts first.',
            },
          );
        }
        await undoFacts();
      }
      const ids = step.proposalIds.filter((id) => store.find(id) !== undefined);
      db.transaction(() => {
        for (const id of ids) store.reopen(id);
        store.removeStep(step.id);
      }).immediate();
      return ids.map(show);
    },

    /** Lets go of every proposal that tells a forgotten fact or quotes it. The caller erases the free pages. */
    forgetFacts: ({ facts: gone, factIds }: Pick<Removal, 'facts' | 'factIds'>): void => {
      const ids = new Set(factIds);
      const claims = new Set(gone.map(claimOfFact));
      const values = gone.map((fact) => fact.value.toLowerCase());
      for (const proposal of store.listClaims()) {
        const text =
          `${proposal.quote ?? ''}\n${proposal.draft.value}\n${proposal.draft.subject ?? ''}`.toLowerCase();
        const isOf = proposal.factId !== null && ids.has(proposal.factId);
        if (isOf || claims.has(proposal.claim) || values.some((value) => text.includes(value))) {
          store.remove(proposal.id);
        }
      }
    },
  };
}

function shorten(sentence: string): string {
  const letters = Array.from(sentence);
  return letters.length <= shownCharacters ? sentence : `${letters.slice(0, shownCharacters).join('')}…`;
}

/** A draft that the rules of facts refuse is no proposal. */
function effectOrNothing(
  draft: FactDraft,
  readEffect: (draft: FactDraft) => DraftEffect,
): DraftEffect | undefined {
  try {
    return readEffect(draft);
  } catch (error) {
    if (error instanceof DraftProblem) return undefined;
    throw error;
  }
}

/** A file or a conversation is one place; a pasted text has no name of its own, so its sentence counts. */
function placeOf({ type, name, conversationId }: ProposalSource, quote: string | null): string {
  if (type === 'chat' && conversationId !== undefined) return `chat\n${conversationId}`;
  if (type === 'file') return `file\n${name}`;
  return `${type}\n${normaliseText(quote ?? '').toLowerCase()}`;
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/u.test(cursor)) return Number(cursor);
  throw new AppError('invalid-input', 'The list cannot go on from there.', {
    hint: 'Read it from its beginning.',
  });
}
