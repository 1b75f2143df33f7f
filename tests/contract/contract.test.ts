import { implement } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methods } from '../../electron/contract/methods.ts';
import { AppError, toAppError } from '../../electron/contract/errors.ts';
import type { AppRouter } from '../../electron/core/app.ts';
import { compose, type ComposedApp } from '../../electron/hosts/compose.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { transports, type Connection } from './transports.ts';

/** What the controllable handlers saw. */
type Seen = {
  readonly aborted: string[];
  readonly left: string[];
  readonly waiting: Map<string, () => void>;
};

/** The real app, with two handlers in the test's hand: a call that waits for ever and a stream of answers. */
function withOwnHandlers(app: ComposedApp, seen: Seen): AppRouter {
  const os = implement(methods);
  return {
    ...app.router,
    chat: {
      ...app.router.chat,
      explain: os.chat.explain.handler(
        ({ input, signal }) =>
          new Promise((_resolve, reject) => {
            seen.waiting.get('begun')?.();
            signal?.addEventListener('abort', () => {
              seen.aborted.push(input.messageId);
              reject(new AppError('cancelled', 'Stopped.'));
            });
          }),
      ),
      send: os.chat.send.handler(async function* ({ input, signal }) {
        try {
          for (let index = 0; index < 3; index += 1)
            yield { type: 'text', text: `${input.question} ${index}` };
          // Goes on until nobody listens.
          while (input.question === 'endless' && signal?.aborted !== true) {
            await new Promise((resolve) => setImmediate(resolve));
            yield { type: 'text', text: '…' };
          }
          if (input.question === 'breaks') await app.client.facts.remove({ id: 'nobody' });
        } finally {
          seen.left.push(input.question);
        }
      }),
    },
  };
}

describe.each(transports)('the contract over $name', ({ connect }) => {
  let app: ComposedApp;
  let connection: Connection;
  let seen: Seen;

  beforeEach(async () => {
    app = compose({ data: tempFolder(), access: 'write' });
    seen = { aborted: [], left: [], waiting: new Map() };
    connection = await connect(withOwnHandlers(app, seen));
  });
  afterEach(async () => {
    await connection.disconnect();
    await app.dispose();
  });

  it('answers a call as the app itself does', async () => {
    const { client } = connection;
    const value = 'Ðorđe "the <b>quick</b>" 猫 🐈';
    const added = await client.facts.add({ attribute: 'nickname', value });
    expect(added.fact.value).toBe(value);
    expect(await client.facts.list({})).toEqual(await app.client.facts.list({}));
    expect((await client.facts.list({ limit: 1 })).nextCursor).toBeNull();
  });

  it('tells an error with its code, its sentence and what to do', async () => {
    const ask = (client: Connection['client']): Promise<unknown> => client.facts.remove({ id: 'nobody' });
    const expected = await errorOf(ask(app.client));
    const { code, message, hint } = await errorOf(ask(connection.client));
    expect(expected.code).toBe('not-found');
    expect({ code, message, hint }).toEqual({
      code: expected.code,
      message: expected.message,
      hint: expected.hint,
    });
  });

  it('refuses input that does not fit, and names the field', async () => {
    // The types of a client forbid it; a page need not keep to them.
    const wrong = { attribute: 7, value: 'Porto' } as unknown as { attribute: string; value: string };
    const error = await errorOf(connection.client.facts.add(wrong));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain('"attribute"');
  });

  it('keeps answers apart that are asked for at once', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `Name ${index}`);
    const added = await Promise.all(
      names.map((value, index) => connection.client.facts.add({ attribute: `friend ${index}`, value })),
    );
    expect(added.map((each) => each.fact.value)).toEqual(names);
  });

  it('stops a call that its caller aborts', async () => {
    const abort = new AbortController();
    const begun = new Promise<void>((resolve) => seen.waiting.set('begun', resolve));
    const call = errorOf(connection.client.chat.explain({ messageId: 'm1' }, { signal: abort.signal }));
    await Promise.race([begun, call]);
    abort.abort();
    expect((await call).code).toBe('cancelled');
    await expect.poll(() => seen.aborted).toEqual(['m1']);
  });

  it('streams what the app yields, in order, to its end', async () => {
    const texts: string[] = [];
    for await (const event of await connection.client.chat.send({ question: 'piece' })) {
      if (event.type === 'text') texts.push(event.text);
    }
    expect(texts).toEqual(['piece 0', 'piece 1', 'piece 2']);
    expect(seen.left).toEqual(['piece']);
  });

  it('tells an error that ends a stream in its middle', async () => {
    const texts: string[] = [];
    const reading = (async () => {
      for await (const event of await connection.client.chat.send({ question: 'breaks' })) {
        if (event.type === 'text') texts.push(event.text);
      }
    })();
    const error = await errorOf(reading);
    expect(texts).toHaveLength(3);
    expect(error).toMatchObject({ code: 'not-found' });
    expect(error.hint).toBeTruthy();
  });

  it('ends a stream on the other side when its reader leaves', async () => {
    for await (const event of await connection.client.chat.send({ question: 'endless' })) {
      expect(event).toEqual({ type: 'text', text: 'endless 0' });
      break;
    }
    await expect.poll(() => seen.left).toEqual(['endless']);
  });

  it('ends a stream when its reader aborts it', async () => {
    const abort = new AbortController();
    const events = await connection.client.chat.send({ question: 'endless' }, { signal: abort.signal });
    await events.next();
    abort.abort();
    // Some streams end with an error then, others just end.
    const readOn = async (): Promise<boolean> => (await events.next()).done === true;
    while (!(await readOn().catch(() => true)));
    await expect.poll(() => seen.left).toEqual(['endless']);
  });

  it('announces what others change', async () => {
    const abort = new AbortController();
    const events = await connection.client.events.watch({}, { signal: abort.signal });
    expect((await events.next()).value).toEqual({ type: 'hello' });
    await app.client.facts.add({ attribute: 'city', value: 'Porto' });
    const next = await events.next();
    expect(next.value).toMatchObject({ type: 'changed' });
    expect((next.value as { topics: string[] }).topics).toContain('facts');
    abort.abort();
  });
});

describe.each(transports.filter(({ name }) => name !== 'in-process'))(
  'a page that goes away ($name)',
  ({ connect }) => {
    it('leaves no stream and no call behind', async () => {
      const app = compose({ data: tempFolder(), access: 'write' });
      const seen: Seen = { aborted: [], left: [], waiting: new Map() };
      const begun = new Promise<void>((resolve) => seen.waiting.set('begun', resolve));
      try {
        const { client, disconnect } = await connect(withOwnHandlers(app, seen));
        const events = await client.chat.send({ question: 'endless' });
        await events.next();
        const call = client.chat.explain({ messageId: 'm2' });
        call.catch(() => undefined);
        await begun;
        await disconnect();
        await expect.poll(() => seen.left).toEqual(['endless']);
        await expect.poll(() => seen.aborted).toEqual(['m2']);
      } finally {
        await app.dispose();
      }
    });
  },
);

async function errorOf(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    return toAppError(error);
  }
  throw new Error('expected an error, but none was thrown');
}
