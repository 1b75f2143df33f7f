import { join } from 'node:path';
import { makeTinyGguf } from '../../helpers/tiny-gguf.ts';
import type { AppHost } from './app-host.ts';

const attributes = ['city', 'cat', 'dog', 'job', 'hobby', 'car', 'phone', 'school', 'friend', 'boss'];

/** Ten facts and a base of random weights, which is the one that was chosen: small enough for the real trainer to end in a minute. */
export async function addTinyPerson(app: AppHost): Promise<void> {
  const file = makeTinyGguf(join(app.data, 'tiny.gguf'), { type: 'q8_0', embd: 256, layers: 8, ff: 1024 });
  const { model } = await app.call<{ model: { id: string } }>('models.add', { file });
  await app.call('settings.set', { baseModelId: model.id, wizardStep: null });
  for (const [index, attribute] of attributes.entries())
    await app.call('facts.add', { attribute, value: `Value ${index}` });
}
