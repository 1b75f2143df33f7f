import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  externalAddress,
  isOwnPage,
  optionOf,
  placeOf,
} from '../../../../electron/hosts/window/addresses.ts';
import { createLeaving, type LeavingActions } from '../../../../electron/hosts/window/leaving.ts';
import { readWindowState, writeWindowState } from '../../../../electron/hosts/window/window-state.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('addresses of the window', () => {
  it('are its own only by whole scheme and host', () => {
    expect(isOwnPage('app://keepsake/index.html')).toBe(true);
    expect(
      ['app://keepsake.evil/', 'app://keepsak', 'APP://keepsake/', 'https://app//keepsake/'].map(isOwnPage),
    ).toEqual([false, false, false, false]);
  });

  it.each([
    ['keepsake://facts/abc', '/facts/abc'],
    ['keepsake://chat', '/chat'],
    ['keepsake://chat/', '/chat'],
    ['keepsake://welcome/train', undefined],
    ['keepsake://facts/a?q=1', undefined],
    ['keepsake://facts/a#b', undefined],
    ['keepsake://facts/%2e%2e', undefined],
    ['keepsake:facts', undefined],
    [`keepsake://facts/${'a'.repeat(300)}`, undefined],
  ])('%s leads to %s', (link, place) => {
    expect(placeOf(link)).toBe(place);
  });

  it('go outside by https alone', () => {
    expect(externalAddress('https://example.org/ä')).toBe('https://example.org/%C3%A4');
    expect(['http://a.example', 'https://u@a.example', 'file:///x', 'x'].map(externalAddress)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('options are read in both forms', () => {
    expect(optionOf(['x', '--data', 'folder'], '--data')).toBe('folder');
    expect(optionOf(['--data=a b'], '--data')).toBe('a b');
    expect(optionOf(['--data'], '--data')).toBeUndefined();
  });
});

describe('the state of the window', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  const state = { x: 100, y: 100, width: 900, height: 700, maximised: true };

  it('is kept', () => {
    const file = join(tempFolder(), 'window.json');
    writeWindowState(file, state);
    expect(readWindowState(file, screens)).toEqual(state);
  });

  it('loses its place where that screen is gone, not its size', () => {
    const file = join(tempFolder(), 'window.json');
    writeWindowState(file, { ...state, x: 5000 });
    expect(readWindowState(file, screens)).toEqual({ width: 900, height: 700, maximised: true });
  });

  it.each(['', '{', '[]', '{"x":0,"y":0,"width":1,"height":1,"maximised":false}', '{"x":"0"}'])(
    'is the first one where the file holds %j',
    (text) => {
      const file = join(tempFolder(), 'window.json');
      writeFileSync(file, text);
      expect(readWindowState(file, screens)).toEqual({ width: 1200, height: 800 });
    },
  );

  it('cannot be kept in a folder that is not there, and nothing happens', () => {
    expect(() => writeWindowState(join(tempFolder(), 'none', 'window.json'), state)).not.toThrow();
  });
});

describe('leaving', () => {
  /** An app whose training the test ends, and what was done. */
  function aLeaving(answer: number) {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const acts: string[] = [];
    const running = { kind: 'train', state: 'running', endedAt: null };
    let jobs: object[] = [running];
    const core = {
      client: {
        jobs: { list: () => Promise.resolve({ jobs }) },
        events: {
          async *watch() {
            yield { type: 'hello' };
            await ended;
            jobs = [];
            yield { type: 'job', job: { ...running, state: 'succeeded', endedAt: 1 } };
          },
        },
      },
      dispose: () => Promise.resolve(void acts.push('dispose')),
    } as unknown as Parameters<typeof createLeaving>[0];
    const act = (name: string) => () => void acts.push(name);
    const actions: LeavingActions = {
      ask: () => Promise.resolve(answer),
      ...{ hide: act('hide'), show: act('show'), notify: act('notify'), exit: act('exit') },
    };
    return { leaving: createLeaving(core, actions), acts, end: () => end() };
  }

  it('to the background ends the app when the training has ended', async () => {
    const { leaving, acts, end } = aLeaving(0);
    await leaving.leave();
    expect(acts).toEqual(['hide']);
    end();
    await expect.poll(() => acts).toEqual(['hide', 'notify', 'dispose', 'exit']);
  });

  it('that was taken back leaves the app open when the training has ended', async () => {
    const { leaving, acts, end } = aLeaving(0);
    await leaving.leave();
    leaving.show();
    end();
    await expect.poll(() => acts).toEqual(['hide', 'show', 'notify']);
  });

  it('asked for twice is one', async () => {
    const { leaving, acts } = aLeaving(1);
    await Promise.all([leaving.leave(), leaving.leave(), leaving.stop()]);
    await expect.poll(() => acts).toEqual(['dispose', 'exit']);
  });
});
