import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { factDraft, type FactDraft } from '../../../contract/entities/fact.ts';
import { proposalSource, type Proposal, type ProposalSource } from '../../../contract/entities/proposal.ts';

const proposalRow = z.object({
  sequence: z.number(),
  id: z.string(),
  draft: z.string(),
  quote: z.string().nullable(),
  source: z.string(),
  found_by: z.enum(['rules', 'model']),
  state: z.enum(['open', 'accepted', 'rejected', 'merged']),
  fact_id: z.string().nullable(),
  created_at: z.number(),
});

/** A proposal as it is kept: what it would do to the facts is worked out when it is read. */
export type StoredProposal = {
  readonly sequence: number;
  readonly id: string;
  readonly draft: FactDraft;
  readonly quote: string | null;
  readonly source: ProposalSource;
  readonly foundBy: Proposal['foundBy'];
  readonly state: Proposal['state'];
  readonly factId: string | null;
  readonly createdAt: number;
};

/** A proposal that is to be kept. */
export type NewProposal = Omit<StoredProposal, 'sequence' | 'state' | 'factId'> & {
  /** Thing and value as compared. */
  readonly claim: string;
  /** What makes two sources the same. */
  readonly place: string;
};

/** A decision that can be taken back. */
export type ProposalStep = {
  readonly id: number;
  readonly proposalIds: readonly string[];
  readonly changeId: number | null;
  readonly createdAt: number;
};

export type ProposalStore = ReturnType<typeof createProposalStore>;

/** SQL of the Inbox. */
export function createProposalStore(db: Database) {
  const columns = 'sequence, id, draft, quote, source, found_by, state, fact_id, created_at';
  const insert = db.prepare(
    `INSERT INTO proposals (id, draft, claim, quote, source, place, found_by, state, created_at)
     VALUES (@id, @draft, @claim, @quote, @source, @place, @foundBy, 'open', @createdAt)`,
  );
  const byId = db.prepare(`SELECT ${columns} FROM proposals WHERE id = ?`);
  const open = db.prepare(
    `SELECT ${columns} FROM proposals WHERE state = 'open' AND sequence > @after ORDER BY sequence LIMIT @limit`,
  );
  const done = db.prepare(
    `SELECT ${columns} FROM proposals WHERE state <> 'open' AND (@after = 0 OR sequence < @after)
     ORDER BY sequence DESC LIMIT @limit`,
  );
  const countOpen = db.prepare(`SELECT count(*) FROM proposals WHERE state = 'open'`).pluck();
  const countDone = db.prepare(`SELECT count(*) FROM proposals WHERE state <> 'open'`).pluck();
  const isKnown = db
    .prepare(`SELECT 1 FROM proposals WHERE claim = @claim AND (state = 'open' OR place = @place) LIMIT 1`)
    .pluck();
  const decide = db.prepare(
    `UPDATE proposals SET state = @state, fact_id = @factId, decided_at = @now, draft = coalesce(@draft, draft)
     WHERE id = @id`,
  );
  const reopen = db.prepare(
    `UPDATE proposals SET state = 'open', fact_id = NULL, decided_at = NULL WHERE id = ?`,
  );
  const remove = db.prepare('DELETE FROM proposals WHERE id = ?');
  const all = db.prepare(`SELECT ${columns}, claim FROM proposals`);
  const insertStep = db.prepare(
    'INSERT INTO proposal_steps (proposal_ids, change_id, created_at) VALUES (@ids, @changeId, @now)',
  );
  const lastStep = db.prepare(
    'SELECT id, proposal_ids, change_id, created_at FROM proposal_steps ORDER BY id DESC LIMIT 1',
  );
  const removeStep = db.prepare('DELETE FROM proposal_steps WHERE id = ?');
  const keepNewest = db.prepare(
    'DELETE FROM proposal_steps WHERE id NOT IN (SELECT id FROM proposal_steps ORDER BY id DESC LIMIT ?)',
  );
  const stepRow = z.object({
    id: z.number(),
    proposal_ids: z.string(),
    change_id: z.number().nullable(),
    created_at: z.number(),
  });

  return {
    insert: ({ draft, source, ...proposal }: NewProposal): void => {
      insert.run({ ...proposal, draft: JSON.stringify(draft), source: JSON.stringify(source) });
    },
    find: (id: string): StoredProposal | undefined => {
      const row = byId.get(id);
      return row === undefined ? undefined : toProposal(row);
    },
    /** Those that wait in the order in which they came; those that are done newest first. */
    page: (state: 'open' | 'done', limit: number, after: number): StoredProposal[] =>
      (state === 'open' ? open : done).all({ after, limit }).map(toProposal),
    count: (state: 'open' | 'done'): number =>
      z.number().parse((state === 'open' ? countOpen : countDone).get()),
    /** True for a claim that waits already, or was decided on as read in the same place. */
    isKnown: (claim: string, place: string): boolean => isKnown.get({ claim, place }) !== undefined,
    decide: (
      id: string,
      decision: {
        readonly state: Proposal['state'];
        readonly factId: string | null;
        readonly now: number;
        /** As it was edited. */
        readonly draft?: FactDraft | undefined;
      },
    ): void => {
      const draft = decision.draft === undefined ? null : JSON.stringify(decision.draft);
      decide.run({ ...decision, id, draft });
    },
    reopen: (id: string): void => void reopen.run(id),
    remove: (id: string): void => void remove.run(id),
    listClaims: (): (StoredProposal & { readonly claim: string })[] =>
      all.all().map((row) => ({
        ...toProposal(row),
        claim: z.object({ claim: z.string() }).parse(row).claim,
      })),
    insertStep: (ids: readonly string[], changeId: number | null, now: number): void => {
      insertStep.run({ ids: JSON.stringify(ids), changeId, now });
    },
    lastStep: (): ProposalStep | undefined => {
      const row = lastStep.get();
      if (row === undefined) return undefined;
      const { id, proposal_ids, change_id, created_at } = stepRow.parse(row);
      const proposalIds = z.array(z.string()).parse(JSON.parse(proposal_ids));
      return { id, proposalIds, changeId: change_id, createdAt: created_at };
    },
    removeStep: (id: number): void => void removeStep.run(id),
    keepNewestSteps: (count: number): void => void keepNewest.run(count),
  };
}

function toProposal(value: unknown): StoredProposal {
  const { draft, source, found_by, fact_id, created_at, ...row } = proposalRow.parse(value);
  return {
    ...row,
    draft: factDraft.parse(JSON.parse(draft)),
    source: proposalSource.parse(JSON.parse(source)),
    foundBy: found_by,
    factId: fact_id,
    createdAt: created_at,
  };
}
