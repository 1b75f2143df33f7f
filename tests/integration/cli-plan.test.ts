import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainPlan } from '../../electron/contract/entities/train-plan.ts';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

async function plan(data: string, ...options: string[]) {
  return runCommand(['train', '--plan', ...options, '--data', data, '--json']);
}

describe('train --plan', () => {
  it('says what would be taught, how long it takes and what it needs, and changes nothing', async () => {
    const data = tempFolder();
    await runCommand(['facts', 'add', '--attribute', 'city', '--value', 'Porto', '--data', data]);
    const { code, result } = await plan(data);
    const told = trainPlan.parse(result());
    expect([code, told.mode, told.reasons.map((reason) => reason.code)]).toEqual([0, 'rebuild', ['first']]);
    expect(told.facts).toMatchObject([{ why: 'new', statement: 'Your home city is Porto.' }]);
    expect(told.totalTokens).toBe(Object.values(told.tokens).reduce((sum, count) => sum + count, 0));
    expect(told.totalTokens).toBeGreaterThan(10_000);
    expect(told.time.highSeconds).toBeGreaterThan(told.time.lowSeconds);
    expect(told.memory.freeBytes ?? 0).toBeGreaterThan(told.memory.neededBytes);
    expect(readdirSync(join(data, 'profiles', 'default', 'runs'))).toEqual([]);
  });

  it('refuses a device that is not here and names those that are', async () => {
    const data = tempFolder();
    await runCommand(['facts', 'add', '--attribute', 'city', '--value', 'Porto', '--data', data]);
    const refused = await plan(data, '--device', 'cuda7');
    expect([refused.code, refused.errorCode()]).toEqual([2, 'invalid-input']);
    expect(refused.stdout).toMatch(/There is no device \\"cuda7\\".*cpu/u);
    const named = trainPlan.parse((await plan(data, '--device', 'cpu')).result());
    expect(named.device).toMatch(/^cpu \(/u);
  });

  it('refuses without facts', async () => {
    expect((await plan(tempFolder())).errorCode()).toBe('no-facts');
  });
});
