/** The shipped question forms: which family, which split, which wording. Read once from resources/question-templates. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** past: asks for a former value as `former` does; kept apart, so that the examination's other groups stay as they are. */
export const formUse = z.enum(['direct', 'yes', 'no', 'reverse', 'former', 'past', 'since', 'embedded']);
export type FormUse = z.infer<typeof formUse>;
export const formSplit = z.enum(['train', 'probe', 'test']);
export type FormSplit = z.infer<typeof formSplit>;

const form = z.object({
  family: z.string().min(1),
  split: formSplit,
  use: formUse,
  me: z.string().min(1),
  other: z.string().min(1),
  /** Value types of kinds that the wording reads badly with ("What is my sister?"). */
  exceptValues: z.array(z.string()).optional(),
});
export type Form = z.infer<typeof form>;

const generalFile = z.object({ schema: z.literal(1), forms: z.array(form).min(1) });
const naturalFile = z.object({ schema: z.literal(1), kinds: z.record(z.string(), z.array(form)) });

export type Templates = {
  /** Forms for any attribute. */
  readonly general: readonly Form[];
  /** Wordings of one kind that never name the attribute. */
  readonly natural: ReadonlyMap<string, readonly Form[]>;
};

/** Reads the four template files; throws when one is missing or has another shape. */
export function loadTemplates(resourcesDir: string): Templates {
  const folder = join(resourcesDir, 'question-templates', 'en');
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const general = ['general-train.json', 'general-test.json'].flatMap(
    (name) => generalFile.parse(read(name)).forms,
  );
  const natural = new Map<string, Form[]>();
  for (const name of ['natural-train.json', 'natural-test.json']) {
    for (const [kind, forms] of Object.entries(naturalFile.parse(read(name)).kinds)) {
      natural.set(kind, [...(natural.get(kind) ?? []), ...forms]);
    }
  }
  return { general, natural };
}

/** True when a wording reads well with a kind of attribute (undefined: an attribute of the user's own). */
export function suits(form: Form, kind: { readonly value: string } | undefined): boolean {
  return kind === undefined || !form.exceptValues?.includes(kind.value);
}
