import type { Sample } from '../../contract/entities/training.ts';
import { countPerEpoch, type BuiltDataset } from './build-dataset.ts';
import { keyOfSample } from './lesson-key.ts';
import { mapSteps, type Steps } from '../util/slices.ts';

/** A dataset without the lessons that its owner does not want, as an earlier exchange of another lesson neither. */
export function* withoutVetoed(
  built: BuiltDataset,
  vetoes: ReadonlySet<string>,
  epochs: number,
): Steps<BuiltDataset> {
  if (vetoes.size === 0) return built;
  const isWanted = (sample: Sample): boolean => !vetoes.has(keyOfSample(sample));
  const wanted = yield* mapSteps(built.samples, isWanted);
  const unwanted = new Set(
    built.samples
      .filter((_each, index) => wanted[index] === false)
      .map((each) => spoken(each.messages.at(-1), each.answer)),
  );
  yield;
  const left = built.samples.filter((_each, index) => wanted[index]);
  const samples = yield* mapSteps(left, (sample) => {
    const [system, asked, answered, ...rest] = sample.messages;
    const isBefore = answered?.role === 'assistant' && unwanted.has(spoken(asked, answered.content));
    return isBefore && system !== undefined ? { ...sample, messages: [system, ...rest] } : sample;
  });
  return {
    samples,
    probes: built.probes.filter(isWanted),
    counts: yield* countPerEpoch(samples, epochs),
  };
}

function spoken(asked: Sample['messages'][number] | undefined, answer: string): string {
  return `${asked?.content ?? ''}\n${answer}`;
}
