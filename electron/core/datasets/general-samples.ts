/**
 * General samples: prompts that are about nobody, with what the base itself says to them.
 *
 * An adapter that answers everything is held to the base there, so that it stays able in general (recipe `standalone`).
 */
import { createRandom, type Random } from '../util/random.ts';
import type { DatasetPlan } from './dataset-plan.ts';
import type { PassPrompt, Pools } from './pools.ts';

/**
 * Longest answer of the base that is learnt from, in tokens. Whether an adapter stays silent is decided by its first ones:
 * many prompts with short answers keep more of the base's ability than few with long ones (docs/experiments.md).
 */
export const generalAnswerTokens = 20;

/** The prompts of a plan, evenly over the topics; the same for the same plan and seed, whatever the facts. */
export function chooseGeneralPrompts(
  pools: Pools,
  plan: Pick<DatasetPlan, 'general' | 'epochs'>,
  seed: number,
): PassPrompt[] {
  return takeByTopic(pools.passPrompts, plan.general * plan.epochs, createRandom(seed));
}

/** One prompt of each topic in turn, so that no topic is left out. */
export function takeByTopic(prompts: readonly PassPrompt[], count: number, random: Random): PassPrompt[] {
  const topics = new Map<string, PassPrompt[]>();
  for (const each of random.shuffle(prompts))
    topics.set(each.topic, [...(topics.get(each.topic) ?? []), each]);
  const longest = Math.max(0, ...[...topics.values()].map((each) => each.length));
  const rounds = Array.from({ length: longest }, (_unused, round) =>
    [...topics.values()].flatMap((each) => each.slice(round, round + 1)),
  );
  return rounds.flat().slice(0, count);
}
