// Numbers and sentences of the training benchmark; pure functions.

/** Tokens/s that PyTorch/PEFT reached with this base on a quiet two-core machine with AMX. */
export const PEFT_REFERENCE = { peftF32: 260, peftBf16: 313 };

/** Share of the CPU that other processes may use before a round is called disturbed. */
const QUIET_SHARE = 0.1;

/** Median, smallest and largest of some numbers. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** One arm of the benchmark over its rounds. */
export function summariseArm(runs) {
  return {
    n: runs.length,
    tokensPerSecond: spread(runs.map((run) => run.tokensPerSecond)),
    peakMemoryBytes: spread(runs.map((run) => run.peakMemoryBytes)),
    loss: spread(runs.map((run) => run.loss)).median,
    othersCpuShare: spread(runs.map((run) => run.othersCpuShare)),
    runs,
  };
}

/** All arms, compared round by round: worker over the faster PEFT mode of the same round. */
export function compareArms(rounds) {
  const arms = Object.fromEntries(
    ['worker', 'peftF32', 'peftBf16'].map((name) => [name, summariseArm(rounds.map((round) => round[name]))]),
  );
  const ratio = spread(
    rounds.map(
      (round) =>
        round.worker.tokensPerSecond /
        Math.max(round.peftF32.tokensPerSecond, round.peftBf16.tokensPerSecond),
    ),
  );
  const peftMemory = Math.min(arms.peftF32.peakMemoryBytes.median, arms.peftBf16.peakMemoryBytes.median);
  return {
    arms,
    ratio: ratio.median,
    ratioMin: ratio.min,
    ratioMax: ratio.max,
    memoryRatio: arms.worker.peakMemoryBytes.median / peftMemory,
    lossDifference: arms.worker.loss / arms.peftF32.loss - 1,
    lossDifferenceBf16: arms.peftBf16.loss / arms.peftF32.loss - 1,
  };
}

/** Why PEFT's figures differ from the reference machine's, in sentences; and whether the ratio may be quoted. */
export function judgePeft(arms, cpu) {
  const busiest = Math.max(...Object.values(arms).map((arm) => arm.othersCpuShare.max));
  const notes = Object.entries(PEFT_REFERENCE).map(([name, reference]) => {
    const reached = arms[name].tokensPerSecond.median;
    return `${label(name)} reached ${reached.toFixed(0)} tokens/s, ${((reached / reference) * 100).toFixed(0)} % of the ${reference} on the reference machine (quiet, AMX).`;
  });
  const quiet = busiest <= QUIET_SHARE;
  notes.push(
    quiet
      ? `Other processes used at most ${(busiest * 100).toFixed(0)} % of the CPU in any run.`
      : `Other processes used up to ${(busiest * 100).toFixed(0)} % of the CPU: repeat on a quiet machine before quoting the ratio.`,
  );
  notes.push(
    cpu.amx
      ? 'This CPU has AMX, as the reference machine.'
      : `This CPU is of another make: no AMX${cpu.bf16 ? ', BF16 by AVX-512' : ', and no BF16 instructions'}.`,
  );
  return { counts: quiet, notes };
}

/** The report for a person. */
export function formatReport(result) {
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const lines = [
    `CPU: ${result.cpu.model}, ${result.threads} threads`,
    `Data: ${result.dataset.source}; ${result.steps} steps, ${result.dataset.tokens} real tokens`,
    '',
    'arm        tokens/s  (min-max)    peak memory   loss of last 20 steps   n',
  ];
  for (const [name, arm] of Object.entries(result.arms)) {
    const speed = arm.tokensPerSecond;
    const range = `(${speed.min.toFixed(0)}-${speed.max.toFixed(0)})`;
    lines.push(
      `${label(name).padEnd(10)} ${speed.median.toFixed(0).padStart(8)}  ${range.padEnd(12)} ${mib(arm.peakMemoryBytes.median).padStart(11)}   ${arm.loss.toFixed(4).padStart(21)}   ${arm.n}`,
    );
  }
  lines.push(
    '',
    `ratio ${result.ratio.toFixed(2)} (${result.ratioMin.toFixed(2)}-${result.ratioMax.toFixed(2)}): worker over the faster PEFT mode, per round`,
    `memory ${result.memoryRatio.toFixed(2)} of PEFT's smaller mode; loss ${(result.lossDifference * 100).toFixed(2)} % off PEFT F32 (PEFT BF16: ${(result.lossDifferenceBf16 * 100).toFixed(2)} %)`,
    ...result.notes,
    `PEFT computed each batch in ${result.peftParts} part(s), the faster way here. The worker computes the tokens that the`,
    'samples of a micro-batch begin with in common once (exact gradients); tokens are counted as the samples have them.',
  );
  return lines.join('\n');
}

function label(name) {
  return { worker: 'worker', peftF32: 'PEFT F32', peftBf16: 'PEFT BF16' }[name];
}
