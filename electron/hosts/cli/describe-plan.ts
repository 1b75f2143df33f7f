import type { TrainPlan } from '../../contract/entities/train-plan.ts';
import { count } from './words.ts';

const mostLines = 20;

/** `train --plan` for people. */
export function describePlan(plan: TrainPlan): string {
  if (plan.mode === 'nothing')
    return `Nothing has changed since adapter ${plan.adapterId ?? ''} was trained: nothing would be taught.`;
  const counts = new Map<string, number>();
  for (const { why } of plan.facts) counts.set(why, (counts.get(why) ?? 0) + 1);
  const named = plan.facts.filter((fact) => fact.why !== 'again');
  const { time, memory, disk } = plan;
  return [
    plan.mode === 'warm'
      ? `Starts from adapter ${plan.adapterId ?? ''} (warm start).`
      : `Starts from the base: ${plan.reasons.map((reason) => reason.text).join('; ')}.`,
    plan.resumes === null
      ? null
      : `Goes on with a stopped training${plan.resumes.step === null ? '' : ` at step ${plan.resumes.step}`}.`,
    `Teaches ${[...counts].map(([why, n]) => `${n} ${why}`).join(', ')}; repeats ${count(plan.replayed, 'other fact')}.`,
    ...named.slice(0, mostLines).map((fact) => `  ${fact.why}: ${fact.statement}`),
    named.length > mostLines ? `  and ${named.length - mostLines} more` : null,
    `Samples: ${plan.lessonBasis === 'estimate' ? 'about ' : ''}${Object.entries(plan.samples)
      .map(([kind, n]) => `${n} ${kind}`)
      .join(', ')}; ${plan.totalTokens} tokens in ${plan.steps} steps.`,
    `Time: ${seconds(time.lowSeconds)} to ${seconds(time.highSeconds)} (${time.text}), about ${seconds(time.judgeSeconds)} of it for questions.`,
    `Memory: ${bytes(memory.neededBytes)} of ${bytes(memory.freeBytes)} free (${memory.basis}). Disk: ${bytes(disk.neededBytes)} of ${bytes(disk.freeBytes)} free.`,
    `Device: ${plan.device}. ${plan.sharing === 'coexist' ? 'Chat stays loaded meanwhile.' : 'The chat model is let go meanwhile.'}`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function seconds(value: number): string {
  return value < 90 ? `${Math.max(1, Math.round(value))} s` : `${Math.round(value / 60)} min`;
}

function bytes(value: number | null): string {
  if (value === null) return '?';
  return value >= 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${Math.ceil(value / 1e6)} MB`;
}
