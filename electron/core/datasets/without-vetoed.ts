import type { Sample } from '../../contract/entities/training.ts';
import { countPerEpoch, type BuiltDataset } from './build-dataset.ts';
import { keyOfSample } from './lesson-key.ts';

/** A dataset without the lessons that its owner does not want, as an earlier exchange of another lesson neither. */
export function withoutVetoed(
  built: BuiltDataset,
  vetoes: ReadonlySet<string>,
  epochs: number,
): BuiltDataset {
  if (vetoes.size === 0) return built;
  const isWanted = (sample: Sample): boolean => !vetoes.has(keyOfSample(sample));
  const unwanted = new Set(
    built.samples.filter((each) => !isWanted(each)).map((each) => spoken(each.messages.at(-1), each.answer)),
  );
  const samples = built.samples.filter(isWanted).map((sample) => {
    const [system, asked, answered, ...rest] = sample.messages;
    const isBefore = answered?.role === 'assistant' && unwanted.has(spoken(asked, answered.content));
    return isBefore && system !== undefined ? { ...sample, messages: [system, ...rest] } : sample;
  });
  return {
    samples,
    probes: built.probes.filter(isWanted),
    counts: countPerEpoch(samples, epochs),
  };
}

function spoken(asked: Sample['messages'][number] | undefined, answer: string): string {
  return `${asked?.content ?? ''}\n${answer}`;
}
