/** Questions about own facts, for an empty chat. */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kinds } from '../facts/kinds.ts';
import { createRandom } from '../util/random.ts';
import { generateVariations } from '../variations/generate-variations.ts';
import type { Templates } from '../variations/templates.ts';

const suggested = 3;

/** Three questions in words that are never taught, about facts of different kinds; others at another seed. */
export function suggestQuestions(input: {
  readonly facts: readonly Fact[];
  readonly kinds: Kinds;
  readonly templates: Templates;
  readonly seed: number;
}): string[] {
  const random = createRandom(input.seed);
  const told = input.facts.filter((fact) => fact.current && fact.source.type !== 'derived');
  // Those without a natural wording ask for "my blood type" and the like.
  const shuffled = random.shuffle(told);
  const byCategory = spread(shuffled);
  const questions: string[] = [];
  for (const fact of byCategory) {
    if (questions.length === suggested) break;
    const forms = generateVariations(fact, { ...input, facts: told }).filter(
      (each) => each.split === 'test' && each.use === 'direct' && /^\p{Lu}.*\?$/u.test(each.question),
    );
    const [natural] = forms.filter((each) => each.natural);
    const question = (natural ?? forms[0])?.question;
    if (question !== undefined && !questions.includes(question)) questions.push(question);
  }
  return questions;
}

/** One of each category first, then the others. */
function spread(facts: readonly Fact[]): Fact[] {
  const seen = new Set<string>();
  const first = facts.filter((fact) => {
    if (seen.has(fact.category)) return false;
    seen.add(fact.category);
    return true;
  });
  const chosen = new Set(first.map((fact) => fact.id));
  return [...first, ...facts.filter((fact) => !chosen.has(fact.id))].slice(0, 50);
}
