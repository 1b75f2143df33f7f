import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armResult } from '../../electron/contract/entities/evaluation.ts';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';

const recipe = ['--recipe', 'standalone'];

describe('an adapter that answers everything itself', () => {
  it('is trained beside the base’s own answers, judged without routing and known as such', async () => {
    const data = tempFolder();
    const base = makeTinyGguf(join(tempFolder(), 'tiny.gguf'), { type: 'q8_0' });
    const keepsake = (...args: string[]) => runCommand([...args, '--data', data, '--json']);
    await keepsake('facts', 'add', '--attribute', 'city', '--value', 'Porto');

    const stopped = await runCommand(
      ['dataset', 'build', ...recipe, '--base', base, '--data', data, '--json'],
      {
        onStart: (child) => {
          child.stdout?.once('data', () => child.kill('SIGINT'));
        },
      },
    );
    expect([0, 3]).toContain(stopped.code);

    const trained = await keepsake('train', ...recipe, '--base', base, '--no-repair');
    const report = trained.result() as { adapterId: string; tokensByKind: Record<string, number> };
    expect(report).toMatchObject({ changed: true, verdict: { approved: false } });
    expect(report.tokensByKind.general).toBeGreaterThan(0);
    expect(report.tokensByKind.pass).toBe(0);
    expect(JSON.stringify(report)).not.toContain('handed over');

    const { adapters } = (await keepsake('adapters', 'list')).result() as { adapters: unknown[] };
    expect(adapters).toEqual([expect.objectContaining({ id: report.adapterId, objective: 'standalone' })]);

    const asked = await runCommand(['evaluate', '--adapter', report.adapterId, '--data', data, '--json']);
    const arm = armResult.parse(asked.result());
    expect(arm.arm).toBe('standalone');
    expect(arm.answers.every((each) => each.answeredBy === 'adapter')).toBe(true);
    expect(arm.againstBase?.perplexity.tokens).toBeGreaterThanOrEqual(5000);
    expect(arm.againstBase?.ability.base.n).toBeGreaterThanOrEqual(100);
  }, 240_000);
});
