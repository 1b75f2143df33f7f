import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../electron/contract/entities/conversation.ts';
import { createConversationService } from '../../../electron/core/chat/conversation-service.ts';
import { excerptOf, titleOf } from '../../../electron/core/chat/conversation-text.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openDatabase, openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function create(db = openMemoryDatabase(profileMigrations)) {
  let next = 0;
  let now = 1000;
  const service = createConversationService({
    db,
    clock: { now: () => (now += 1) },
    newId: () => `id-${(next += 1)}`,
  });
  const answer = (text: string, part: Partial<ChatMessage> = {}): ChatMessage => ({
    id: `answer-${(next += 1)}`,
    role: 'assistant',
    arm: 'served',
    text,
    answeredBy: 'adapter',
    adapterId: null,
    basis: null,
    stopped: false,
    createdAt: now,
    ...part,
  });
  const say = (question: string, reply: string, conversationId?: string) => {
    const kept = service.keepQuestion({ conversationId, text: question });
    service.keepAnswer(kept.conversation.id, kept.question.id, answer(reply));
    return kept;
  };
  return { service, say, answer, db };
}

describe('conversations', () => {
  it('take their title from the first question and keep both sides in order', () => {
    const { service, say } = create();
    const { conversation } = say('  What is\tmy cat called?\nAnd the dog?', 'Luna.');
    say('Really?', 'Yes.', conversation.id);
    const { conversation: read, messages } = service.get(conversation.id);
    expect(read).toMatchObject({ title: 'What is my cat called?', messages: 4 });
    expect(messages.map((each) => [each.role, each.text])).toEqual([
      ['user', '  What is\tmy cat called?\nAnd the dog?'],
      ['assistant', 'Luna.'],
      ['user', 'Really?'],
      ['assistant', 'Yes.'],
    ]);
  });

  it('are listed newest first, page by page, each once', () => {
    const { service, say } = create();
    const ids = Array.from({ length: 5 }, (_, index) => say(`Question ${index}`, 'So.').conversation.id);
    say('Again', 'Yes.', ids[0]);
    const first = service.list({ limit: 3 });
    const second = service.list({ limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.conversations, ...second.conversations].map((each) => each.id)).toEqual([
      ids[0],
      ids[4],
      ids[3],
      ids[2],
      ids[1],
    ]);
    expect([first.total, second.nextCursor]).toEqual([5, null]);
  });

  it('are found by words of a title or of any line, with the passage', () => {
    const { service, say } = create();
    say('Dinner ideas', 'You could cook a Ratatouille à la niçoise with courgettes tonight.');
    say('Vet questions', 'Luna is vaccinated.');
    const found = service.list({ limit: 10, search: 'nicoise court' });
    expect(found.total).toBe(0);
    const [hit] = service.list({ limit: 10, search: 'NICOISE courg' }).conversations;
    expect(hit).toMatchObject({ title: 'Dinner ideas' });
    expect(hit?.excerpt).toContain('niçoise with courgettes');
    expect(service.list({ limit: 10, search: 'vet' }).conversations.map((each) => each.title)).toEqual([
      'Vet questions',
    ]);
    expect(service.list({ limit: 10, search: '"*() AND' }).total).toBe(0);
  });

  it('lose a replaced question with all that came after it, and take its title anew', () => {
    const { service, say } = create();
    const { conversation, question } = say('First', 'One.');
    say('Second', 'Two.', conversation.id);
    const kept = service.keepQuestion({
      conversationId: conversation.id,
      text: 'Better first',
      replaces: question.id,
    });
    expect(kept.earlier).toEqual([]);
    expect(service.get(conversation.id).messages.map((each) => each.text)).toEqual(['Better first']);
    expect(kept.conversation.title).toBe('Better first');
    expect(service.list({ limit: 10, search: 'Two' }).total).toBe(0);
  });

  it('keep the title that their owner gave', () => {
    const { service, say } = create();
    const { conversation, question } = say('First', 'One.');
    expect(service.rename(conversation.id, ' Cats \n').title).toBe('Cats');
    service.keepQuestion({ conversationId: conversation.id, text: 'Other', replaces: question.id });
    expect(service.get(conversation.id).conversation.title).toBe('Cats');
    expect(() => service.rename(conversation.id, ' \n')).toThrow('empty');
  });

  it('refuse to replace what is no question of theirs', () => {
    const { service, say } = create();
    const one = say('One', '1');
    const other = say('Other', '2');
    const replace = (replaces: string) => () =>
      service.keepQuestion({ conversationId: one.conversation.id, text: 'x', replaces });
    expect(replace(other.question.id)).toThrow('not in this conversation');
    expect(replace('nothing')).toThrow('not in this conversation');
    expect(service.get(one.conversation.id).messages).toHaveLength(2);
  });

  it('do not take an answer whose question is gone', () => {
    const { service, answer } = create();
    const kept = service.keepQuestion({ conversationId: undefined, text: 'Going?' });
    service.remove(kept.conversation.id);
    expect(service.keepAnswer(kept.conversation.id, kept.question.id, answer('Late'))).toBe(false);
    expect(service.list({ limit: 10 }).total).toBe(0);
  });

  it('name those that still say the value of a forgotten fact, and no longer rest on it', () => {
    const { service, answer } = create();
    const kept = service.keepQuestion({ conversationId: undefined, text: 'Who is my cat?' });
    const basis = {
      from: 'prompt' as const,
      factIds: ['fact-1', 'fact-2'],
      bridged: ['Your cat is "Lu" Na.', 'Your city is Porto.'],
      tokensSaved: 0,
    };
    service.keepAnswer(kept.conversation.id, kept.question.id, answer('It is "Lu" Na, she', { basis }));
    service.forgetFacts([{ id: 'fact-1', statement: 'Your cat is "Lu" Na.', value: '"Lu" Na' }], ['fact-1']);
    expect(service.get(kept.conversation.id).messages[1]?.basis).toMatchObject({
      factIds: ['fact-2'],
      bridged: ['Your city is Porto.'],
    });
    expect(service.mentioning(['"Lu" Na'])).toEqual([{ id: kept.conversation.id, title: 'Who is my cat?' }]);
    expect(service.mentioning(['Na Lu', '🦊'])).toEqual([]);
  });
});

describe('a removed conversation', () => {
  it('leaves no word in any file of the database', () => {
    const folder = tempFolder();
    const file = join(folder, 'profile.db');
    const db = openDatabase(file, profileMigrations);
    const { service, say } = create(db);
    const kept = say('Where is the zanzibarquestion?', 'In the quagmireanswer.');
    say('Another', 'Stays herewithus.');
    const bytes = () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1').toLowerCase())
        .join('');
    expect(bytes()).toContain('zanzibarquestion');
    service.remove(kept.conversation.id);
    expect(bytes()).not.toContain('zanzibar');
    expect(bytes()).not.toContain('quagmire');
    expect(bytes()).toContain('herewithus');
    expect(service.removeAll()).toBe(1);
    expect(bytes()).not.toContain('herewithus');
    db.close();
  });
});

describe('a title', () => {
  it.each([
    ['\n\n  Hello  there', 'Hello there'],
    ['', 'Conversation'],
    [
      'What would be the very best way to tell my landlord about the broken heating',
      'What would be the very best way to tell my landlord about…',
    ],
  ])('of %j is %j', (question, title) => {
    expect(titleOf(question)).toBe(title);
  });
});

describe('an excerpt', () => {
  it('holds the word that was looked for, also behind letters that fold to more or fewer', () => {
    const text = `${'ﬁne ẞtraße İstanbul '.repeat(40)} the needle stands here ${'tail '.repeat(60)}`;
    expect(excerptOf(text, ['NEEDLE'])).toMatch(/^….*needle stands here.*…$/u);
    expect(excerptOf('short', ['absent'])).toBe('short');
  });
});

describe('500 conversations of 40 messages', () => {
  it(
    'are searched and paged within 100 ms each, and 2,000 messages are read at once',
    { timeout: 120_000 },
    () => {
      const { service, answer, db } = create();
      const words = 'vet dinner porto river holiday recipe garden music letter engine'.split(' ');
      let long = '';
      db.transaction(() => {
        for (let index = 0; index < 500; index += 1) {
          const text = (line: number): string =>
            `${words[(index + line) % 10]} and ${words[(index * 7 + line) % 10]} number${index}x${line}, the same words again and again.`;
          const { conversation, question } = service.keepQuestion({
            conversationId: undefined,
            text: text(0),
          });
          for (let line = 1; line < 40; line += 1)
            service.keepAnswer(
              conversation.id,
              question.id,
              answer(text(line), { createdAt: index * 40 + line }),
            );
          if (index === 250) {
            long = conversation.id;
            for (let line = 40; line < 2000; line += 1)
              service.keepAnswer(
                conversation.id,
                question.id,
                answer('More of it.', { createdAt: index * 40 + line }),
              );
          }
        }
      })();
      const measure = (work: () => unknown): number => {
        const begun = process.cpuUsage();
        work();
        const { user, system } = process.cpuUsage(begun);
        return (user + system) / 1000;
      };
      for (const search of [undefined, 'the', 'porto rec', 'number499x39', 'a', 'zzz', '🦊']) {
        const times = [1, 2, 3].map(() => measure(() => service.list({ search, limit: 100 })));
        expect([search, Math.min(...times) < 100]).toEqual([search, true]);
      }
      expect(service.list({ search: 'number499x39', limit: 100 }).total).toBe(1);
      expect(service.list({ search: 'the', limit: 100 })).toMatchObject({ total: 500 });
      expect(service.get(long).messages).toHaveLength(2000);
    },
  );
});
