/** The worker's `score`: token ids in a temporary file, one result for each sequence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { ScoreRequest, SequenceScore } from '../core/dependencies.ts';
import { parseScore, protocolVersion } from '../core/training/trainer-protocol.ts';

/** Runs the worker and tells what it says, line by line. */
type RunWorker = (
  args: readonly string[],
  hooks: { readonly signal?: AbortSignal | undefined; readonly onOther: (value: unknown) => void },
) => Promise<void>;

/** Scores sequences with an adapter and without it. Throws the signal's reason when it is aborted. */
export async function scoreSequences(
  run: RunWorker,
  backendsDir: string,
  request: ScoreRequest,
  signal: AbortSignal | undefined,
): Promise<SequenceScore[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-score-'));
  try {
    const dataset = join(folder, 'sequences.jsonl');
    writeFileSync(dataset, request.sequences.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const configFile = join(folder, 'score.json');
    writeFileSync(
      configFile,
      JSON.stringify({
        protocol: protocolVersion,
        base: request.baseFile,
        adapter: request.adapterFile,
        backends_dir: backendsDir,
        dataset,
        gemm: 'auto',
      }),
    );
    const scores: SequenceScore[] = [];
    await run(['score', configFile, '--parent-pipe'], {
      signal,
      onOther: (value) => {
        const score = parseScore(value);
        if (score !== undefined) scores.push(score);
      },
    });
    signal?.throwIfAborted();
    if (scores.length !== request.sequences.length) {
      const told = `it scored ${scores.length} of ${request.sequences.length} texts`;
      throw new AppError('worker-protocol', `The training program broke its protocol: ${told}.`, {
        hint: 'Build it again with: npm run build:worker',
      });
    }
    return scores;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
