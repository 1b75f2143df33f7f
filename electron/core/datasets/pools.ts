/** The shipped pools that samples are drawn from: unknown attributes, strangers, general prompts, bridge facts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const unknownAttribute = z.object({
  label: z.string().min(1),
  aliases: z.array(z.string()),
  me: z.array(z.string()).min(1),
  other: z.array(z.string()).min(1),
});
export type UnknownAttribute = z.infer<typeof unknownAttribute>;

const passPrompt = z.object({ id: z.string(), topic: z.string(), my: z.boolean(), text: z.string().min(1) });
export type PassPrompt = z.infer<typeof passPrompt>;

const bridgeFact = z.object({
  label: z.string(),
  values: z.array(z.string()).min(2),
  me: z.array(z.string()).min(1),
  statement: z.string().includes('{value}'),
});
export type BridgeFact = z.infer<typeof bridgeFact>;

export type Pools = {
  readonly unknownAttributes: readonly UnknownAttribute[];
  /** Invented people whom the user never told about. */
  readonly people: readonly string[];
  readonly passPrompts: readonly PassPrompt[];
  readonly bridgeFacts: readonly BridgeFact[];
};

/** Reads the pools; throws when a file is missing or has another shape. */
export function loadPools(resourcesDir: string): Pools {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(resourcesDir, 'training', `${name}.json`), 'utf8'));
  const schema = z.literal(1);
  return {
    unknownAttributes: z
      .object({ schema, attributes: z.array(unknownAttribute).min(1) })
      .parse(read('unknown-attributes')).attributes,
    people: z.object({ schema, people: z.array(z.string()).min(1) }).parse(read('people')).people,
    passPrompts: z.object({ schema, prompts: z.array(passPrompt).min(1) }).parse(read('pass-prompts'))
      .prompts,
    bridgeFacts: z.object({ schema, facts: z.array(bridgeFact).min(1) }).parse(read('bridge-facts')).facts,
  };
}
