import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProposalSource } from '../../../electron/contract/entities/proposal.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { eraseFreePages, openDatabase, openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createFactService } from '../../../electron/core/facts/fact-service.ts';
import { createProposalService } from '../../../electron/core/facts/inbox/proposal-service.ts';
import { kinds } from '../../helpers/a-fact.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const wrote: ProposalSource = { type: 'text', name: 'You wrote' };
const inChat: ProposalSource = { type: 'chat', name: 'Vet', conversationId: 'conversation-1' };

function create(db = openMemoryDatabase(profileMigrations)) {
  let next = 0;
  let now = new Date('2026-06-15T12:00:00').getTime();
  const clock = { now: () => (now += 1) };
  const newId = (): string => {
    next += 1;
    return `00000000-0000-4000-8000-${String(next).padStart(12, '0')}`;
  };
  const facts = createFactService({ db, clock, newId, kinds, forgetVerdicts: () => [] });
  const inbox = createProposalService({ db, clock, newId, kinds, facts });
  const extract = (text: string, source = wrote) => inbox.extract(text, source).proposals;
  const one = (text: string, source = wrote) => {
    const [proposal] = extract(text, source);
    if (proposal === undefined) throw new Error(`nothing was found in: ${text}`);
    return proposal;
  };
  const undo = () => inbox.undo(() => Promise.resolve(facts.history.step('undo')));
  const values = () => facts.list().map((fact) => [fact.value, fact.current]);
  return { db, facts, inbox, extract, one, undo, values };
}

describe('a text that is read', () => {
  it('puts what it states into the Inbox, with its quote, and adds no fact', () => {
    const { inbox, facts } = create();
    const result = inbox.extract('Hello. My sister Ana lives in Porto! Is it far?', wrote);
    expect(result).toMatchObject({ sentences: 3, skipped: 2, unread: ['Hello.', 'Is it far?'] });
    expect(result.proposals.map((each) => [each.statement, each.effect, each.quote])).toEqual([
      ['Your sister is Ana.', 'new', 'My sister Ana lives in Porto!'],
      ["Ana's home city is Porto.", 'new', 'My sister Ana lives in Porto!'],
    ]);
    expect(inbox.list({ state: 'open', limit: 10 })).toMatchObject({
      total: 2,
      proposals: result.proposals,
    });
    expect(facts.count()).toBe(0);
  });

  it.each([
    ['My cat is called Luna.', 'same', 'Your cat is Luna.'],
    ['My cat is called Lunna.', 'new', null],
    ['I live in Oslo.', 'conflicts', 'Your home city is Porto.'],
    ['I have lived in Oslo since 2024.', 'changes', 'Your home city is Porto.'],
    ['I have lived in Porto since 2024.', 'changes', 'Your home city is Porto.'],
    ['I lived in Oslo until 2021.', 'new', null],
  ])('is compared with the facts: %s %s', (text, effect, touches) => {
    const { facts, one } = create();
    facts.add({ attribute: 'cat', value: 'Luna' });
    facts.add({ attribute: 'home city', value: 'Porto' });
    const proposal = one(text);
    expect([proposal.effect, proposal.touches?.statement ?? null]).toEqual([effect, touches]);
  });

  it('names what held no fact, in its order: questions, words of others, and what no rule knows', () => {
    const { inbox } = create();
    const text =
      'Tom: I live in Oslo.\nMy cat is Luna. I sneeze in spring. Where is Porto?\n- She said "I love tea".';
    const { sentences, skipped, unread } = inbox.extract(text, wrote);
    expect([sentences, skipped]).toEqual([5, 4]);
    expect(unread).toEqual([
      'Tom: I live in Oslo.',
      'I sneeze in spring.',
      'Where is Porto?',
      '- She said "I love tea".',
    ]);
    const many = inbox.extract(`${'It rains. '.repeat(400)}${'x'.repeat(5000)}.`, wrote);
    expect([many.skipped, many.unread.length]).toEqual([401, 50]);
  });

  it('proposes what waits only once', () => {
    const { extract } = create();
    expect(extract('My cat is Luna. My cat is called Luna.')).toHaveLength(1);
    expect(extract('Did I say that my cat is Luna? My cat is Luna.')).toHaveLength(0);
  });

  it('says nothing in chat about what is known', () => {
    const { facts, extract } = create();
    facts.add({ attribute: 'cat', value: 'Luna' });
    expect(extract('My cat is called Luna.', inChat)).toEqual([]);
  });

  it('may hold 1 MB and is read within 5 s', { timeout: 30_000 }, () => {
    const { inbox } = create();
    const lines = Array.from(
      { length: 12_000 },
      (_, index) =>
        `My colleague Ana${'x'.repeat(index % 7)} is nice. I live in Porto ${index}, and it rains a lot there.`,
    );
    const text = `${lines.join('\n')}\n${'My '.repeat(20_000)}${'"'.repeat(5_000)}`.slice(0, 1_000_000);
    // Time of the processor, so that what else runs on this machine does not count.
    const begun = process.cpuUsage();
    inbox.extract(text, wrote);
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1000).toBeLessThan(5000);
  });
});

describe('a proposal', () => {
  it('becomes a fact when it is accepted, also edited', () => {
    const { one, inbox, values } = create();
    inbox.accept(one('My cat is called Lunna.').id, { attribute: 'cat', value: 'Luna' });
    const { proposal, fact } = inbox.accept(one('I live in Porto.').id);
    expect([proposal.state, fact.statement]).toEqual(['accepted', 'Your home city is Porto.']);
    expect(values()).toEqual([
      ['Luna', true],
      ['Porto', true],
    ]);
    expect(inbox.list({ state: 'open', limit: 10 }).total).toBe(0);
    expect(inbox.list({ state: 'done', limit: 10 }).proposals.map((each) => each.draft.value)).toEqual([
      'Porto',
      'Luna',
    ]);
  });

  it('that nobody wrote is accepted only when it was edited', () => {
    const { inbox } = create();
    const found = [{ draft: { attribute: 'cat', value: 'Luna' }, quote: null as unknown as string }];
    const [proposal] = inbox.proposeFound(found, wrote);
    const id = proposal?.id ?? '';
    expect(() => inbox.accept(id)).toThrow('cannot be accepted unread');
    expect(() => inbox.accept(id, { attribute: 'cat', value: 'Luna' })).toThrow('cannot be accepted unread');
    expect(inbox.accept(id, { attribute: 'cat', value: 'Miso' }).fact.value).toBe('Miso');
  });

  it('changes the fact that it touches, dated or as a typing error', () => {
    const { facts, one, inbox, values } = create();
    facts.add({ attribute: 'home city', value: 'Porto' });
    const moved = inbox.merge(one('I moved to Oslo in 2025.').id, 'Oslo', 'changed');
    expect([moved.fact.validFrom, moved.proposal.state]).toEqual(['2025', 'merged']);
    expect(values()).toEqual([
      ['Porto', false],
      ['Oslo', true],
    ]);
    const typo = inbox.merge(one('I live in Osloo.').id, 'Osloo', 'typo');
    expect(typo.fact.value).toBe('Osloo');
    expect(facts.count()).toBe(2);
    expect(() => inbox.merge(one('My dog is Rex.').id, 'Rex', 'typo')).toThrow('no fact that this could');
  });

  it('that contradicts a fact is refused until its reader says what becomes of the other value', () => {
    const { facts, one, inbox, values } = create();
    facts.add({ attribute: 'birthday', value: '3 March 1990' });
    const { id } = one('My birthday is 4 May 1991.');
    expect(() => inbox.accept(id)).toThrow('Your birthday is 3 March 1990 so far. 4 May 1991 was not saved.');
    expect(values()).toEqual([['3 March 1990', true]]);
    expect(inbox.list({ state: 'open', limit: 10 }).total).toBe(1);
    expect(inbox.accept(id, undefined, 'replace').fact.supersedes).toBe(facts.list()[0]?.id);
    expect(values()).toEqual([
      ['3 March 1990', false],
      ['4 May 1991', true],
    ]);
  });

  it('that contradicts a fact may correct it, which leaves one version', () => {
    const { facts, one, inbox, values } = create();
    facts.add({ attribute: 'birthday', value: '3 March 1990' });
    inbox.accept(one('My birthday is 4 May 1991.').id, undefined, 'correct');
    expect(values()).toEqual([['4 May 1991', true]]);
  });

  it('that contradicts a fact may stand beside it as a conflict, and an undo takes that back', async () => {
    const { facts, one, inbox, values, undo } = create();
    facts.add({ attribute: 'birthday', value: '3 March 1990' });
    inbox.accept(one('My birthday is 4 May 1991.').id, undefined, 'keep-both');
    expect(values()).toEqual([
      ['3 March 1990', false],
      ['4 May 1991', true],
    ]);
    expect(facts.conflicts()).toHaveLength(1);
    await undo();
    expect(facts.conflicts()).toHaveLength(0);
    expect(values()).toEqual([['3 March 1990', true]]);
  });

  it('is shown with its effect before anything is saved', () => {
    const { facts, inbox } = create();
    facts.add({ attribute: 'birthday', value: '3 March 1990' });
    expect(inbox.preview({ attribute: 'date of birth', value: '4 May 1991' })).toMatchObject({
      effect: 'conflicts',
      touches: { statement: 'Your birthday is 3 March 1990.' },
    });
    expect(() => inbox.preview({ attribute: 'birthday', value: ' ' })).toThrow('"value" is empty');
    expect(facts.count()).toBe(1);
  });

  it('sees that a value was told under another name of its kind', () => {
    const { facts, one } = create();
    facts.add({ attribute: 'town', value: 'Oslo' });
    expect(one('I live in Porto.')).toMatchObject({ effect: 'conflicts' });
  });

  it('that was rejected never comes back from its source, but may from another', () => {
    const { inbox, one, extract } = create();
    const file: ProposalSource = { type: 'file', name: 'notes.txt' };
    inbox.reject([
      one('My dog is Rex.', file).id,
      one('My cat is Luna.', inChat).id,
      one('I live in Porto.').id,
    ]);
    expect(extract('It is so that my dog is called Rex. My dog is Rex.', file)).toEqual([]);
    expect(extract('My cat is called Luna.', inChat)).toEqual([]);
    expect(extract('I live in Porto.')).toEqual([]);
    expect(extract('My dog is Rex.', { ...file, name: 'other.txt' })).toHaveLength(1);
    expect(extract('My cat is Luna.', { ...inChat, conversationId: 'conversation-2' })).toHaveLength(1);
  });

  it('is decided once', () => {
    const { inbox, one } = create();
    const { id } = one('My dog is Rex.');
    inbox.accept(id);
    expect(() => inbox.accept(id)).toThrow('accepted already');
    expect(() => inbox.reject([id])).toThrow('accepted already');
    expect(() => inbox.accept('gone')).toThrow('no longer exists');
  });

  it('rejects none of several when one was decided already', () => {
    const { inbox, one } = create();
    const [first, second] = [one('My dog is Rex.').id, one('My cat is Luna.').id];
    inbox.accept(first);
    expect(() => inbox.reject([second, first])).toThrow('accepted already');
    expect(inbox.list({ state: 'open', limit: 10 }).total).toBe(1);
  });
});

describe('an undo', () => {
  it('takes decisions back one by one, with their facts', async () => {
    const { facts, inbox, one, undo, values } = create();
    facts.add({ attribute: 'home city', value: 'Porto' });
    inbox.accept(one('My dog is Rex.').id);
    inbox.merge(one('I live in Oslo.').id, 'Oslo', 'changed');
    inbox.reject([one('My cat is Luna.').id, one('My cat is Miso.').id]);
    inbox.accept(one('My dog is called Bella.').id);
    expect(values()).toHaveLength(4);
    expect((await undo()).map((each) => [each.draft.value, each.state])).toEqual([['Bella', 'open']]);
    expect(await undo()).toHaveLength(2);
    await undo();
    await undo();
    expect(values()).toEqual([['Porto', true]]);
    expect(inbox.list({ state: 'open', limit: 10 }).total).toBe(5);
    await expect(undo()).rejects.toThrow('no decision to take back');
  });

  it('reaches 50 decisions back', async () => {
    const { inbox, extract, undo, facts } = create();
    const names = Array.from({ length: 60 }, (_, index) => `Rex${index}`);
    for (const { id } of extract(names.map((name) => `My dog is called ${name}.`).join(' ')))
      inbox.accept(id);
    for (let step = 0; step < 50; step += 1) await undo();
    expect(facts.count()).toBe(10);
    await expect(undo()).rejects.toThrow('no decision to take back');
  });

  it('waits for a later change of facts to be undone first', async () => {
    const { inbox, one, undo, facts } = create();
    inbox.accept(one('My dog is Rex.').id);
    facts.add({ attribute: 'cat', value: 'Luna' });
    await expect(undo()).rejects.toThrow('Facts were changed after');
    facts.history.step('undo');
    await undo();
    expect(facts.count()).toBe(0);
  });

  it('of a decision whose fact was undone by itself brings back the proposal alone', async () => {
    const { inbox, one, undo, facts } = create();
    inbox.accept(one('My dog is Rex.').id);
    facts.history.step('undo');
    expect((await undo()).map((each) => each.state)).toEqual(['open']);
  });

  it('does not take a later change for that of its decision once the history was cleared', async () => {
    const { inbox, one, undo, facts, values } = create();
    inbox.accept(one('My dog is Rex.').id);
    facts.history.clear();
    facts.add({ attribute: 'cat', value: 'Luna' });
    await undo();
    expect(values()).toEqual([
      ['Rex', true],
      ['Luna', true],
    ]);
  });
});

describe('a forgotten fact', () => {
  it('leaves no proposal that tells or quotes it, and no byte of them', () => {
    const folder = tempFolder();
    const db = openDatabase(join(folder, 'profile.db'), profileMigrations);
    const { inbox, one, extract, facts } = create(db);
    const { fact } = inbox.accept(one('My sister is called Zanzibella.').id);
    extract('My sister Zanzibella lives in Quagmire. My cat is Herewithus.');
    const removal = facts.planRemoval([fact.id]);
    inbox.forgetFacts(removal);
    facts.removeRows(removal);
    eraseFreePages(db);
    const bytes = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1').toLowerCase())
      .join('');
    expect(bytes).not.toContain('zanzibella');
    expect(bytes).toContain('herewithus');
    db.close();
  });
});
