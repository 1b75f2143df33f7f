/**
 * Questions about facts that ride in the prompt: one that was never trained (new), one whose value the prompt changes
 * (contradict), and a trained one beside others (beside).
 */
import type { Question } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import { labelOf, type Kinds } from '../facts/kinds.ts';
import { statementOf } from '../facts/statements.ts';
import type { Random } from '../util/random.ts';
import { memoised } from '../util/memo.ts';
import { matchKey } from '../util/text.ts';
import type { Variation } from '../variations/generate-variations.ts';
import type { BridgeBenchmark, Benchmarks } from './benchmarks.ts';
import { holdsValue } from './score-answer.ts';

const mostOthers = 5;

type FactVariations = { readonly fact: Fact; readonly variations: readonly Variation[] };

/** The three sets of `count` questions each, fewer where there are few facts. */
export function makeBridgeQuestions(
  byFact: readonly FactVariations[],
  input: { readonly facts: readonly Fact[]; readonly kinds: Kinds; readonly benchmarks: Benchmarks },
  random: Random,
  count: number,
): Question[] {
  const { bridge } = input.benchmarks;
  const told = new Set(
    input.facts.flatMap((fact) => [matchKey(fact.attribute), matchKey(labelOf(input.kinds, fact))]),
  );
  // No stored value may stand in the prompt of the tuned arm, not even as another fact's subject.
  const stored = input.facts.flatMap((fact) => [fact.value, ...fact.aliases]);
  const open = random.shuffle(
    bridge.filter((each) => !told.has(matchKey(each.label)) && !holdsValue(each.statement, stored)),
  );
  const namesStored = memoised((subject) => holdsValue(subject, stored));
  const otherStatements = (exceptId: string, least: number): string[] =>
    random
      .shuffle(open.filter((each) => each.id !== exceptId))
      .slice(0, least + random.below(mostOthers))
      .map((each) => each.statement);

  const news = open.slice(0, count).map((each) => toNewQuestion(each, otherStatements(each.id, 0), random));
  const trained = takeInTurns(
    byFact.map(({ fact, variations }) =>
      random
        .shuffle(variations.filter((each) => each.split === 'test' && each.use === 'direct'))
        .map((variation) => ({ fact, variation })),
    ),
    count,
  );
  const beside = trained.map(({ variation }) => ({
    ...baseOf(variation, 'bridge-beside'),
    expected: [...variation.expected],
    forbidden: [...variation.forbidden],
    bridge: otherStatements('', 1),
  }));
  const contradictable = byFact.map(({ fact, variations }) =>
    variations
      .filter((each) => each.split === 'test' && each.use === 'direct' && each.factIds.length === 1)
      .filter(() => fact.current && fact.source.type !== 'derived' && !namesStored(fact.subject))
      .map((variation) => ({ fact, variation })),
  );
  const contradict = takeInTurns(contradictable, count).flatMap(({ fact, variation }) => {
    const value = otherValue(fact, input.kinds, stored, random);
    if (value === undefined) return [];
    const label = labelOf(input.kinds, fact);
    const statement = statementOf({
      subject: fact.subject,
      label,
      value,
      validFrom: null,
      validTo: null,
      current: true,
    });
    return [
      {
        ...baseOf(variation, 'bridge-contradict'),
        expected: [value],
        forbidden: [fact.value, ...fact.aliases],
        bridge: random.shuffle([statement, ...otherStatements('', 0)]),
      },
    ];
  });
  return [...news, ...contradict, ...beside];
}

function baseOf(
  variation: Variation,
  group: string,
): Pick<Question, 'id' | 'question' | 'kind' | 'group' | 'factId'> {
  return {
    id: `${group}/${variation.factId}/${variation.family}`,
    question: variation.question,
    kind: 'recall',
    group,
    factId: variation.factId,
  };
}

function toNewQuestion(benchmark: BridgeBenchmark, others: readonly string[], random: Random): Question {
  const { id, question, expected, forbidden } = benchmark;
  return {
    id,
    question,
    expected,
    forbidden: [...forbidden, benchmark.otherValue],
    kind: 'recall',
    group: 'bridge-new',
    bridge: random.shuffle([benchmark.statement, ...others]),
  };
}

/** An invented value of the kind that is stored nowhere. */
function otherValue(fact: Fact, kinds: Kinds, stored: readonly string[], random: Random): string | undefined {
  const kind = fact.kind === null ? undefined : kinds.byId.get(fact.kind);
  const free = (kind?.decoys ?? []).filter((decoy) => !holdsValue(decoy, stored));
  return free.length === 0 ? undefined : random.pick(free);
}

/** One of each list in turn until there are `count`. */
function takeInTurns<Item>(lists: readonly (readonly Item[])[], count: number): Item[] {
  const taken: Item[] = [];
  for (let round = 0; taken.length < count && lists.some((list) => list.length > round); round += 1) {
    for (const list of lists) {
      const item = list[round];
      if (item !== undefined) taken.push(item);
    }
  }
  return taken.slice(0, count);
}
