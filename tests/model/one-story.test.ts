import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../electron/contract/entities/chat.ts';
import { trainReport } from '../../electron/contract/entities/training.ts';
import { loadBenchmarks } from '../../electron/core/evaluation/benchmarks.ts';
import { buildQuestionSet } from '../../electron/core/evaluation/question-set.ts';
import { holdsValue } from '../../electron/core/evaluation/score-answer.ts';
import { promptMessages, readSystemText } from '../../electron/core/models/prompt.ts';
import { loadTemplates } from '../../electron/core/variations/templates.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';
import { baseModelFile } from '../helpers/base-model.ts';
import { resourcesFolder, shippedKinds } from '../helpers/fact-app.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const facts = [
  { attribute: 'seaside town', value: 'Porto' },
  { attribute: 'job', value: 'lighthouse keeper' },
  { attribute: 'partner', value: 'Jordan' },
  { attribute: 'cat', value: 'Biscuit' },
  { attribute: 'favourite colour', value: 'teal' },
];
/** So many answers of each set are compared, 60 in all; the base's general ones are long. */
const compared: Readonly<Record<string, number>> = {
  seen: 5,
  test: 27,
  natural: 8,
  yes: 4,
  unknown: 10,
  general: 6,
};
const comparedCount = Object.values(compared).reduce((sum, count) => sum + count, 0);

describe('one story on the default base', () => {
  it('learns five facts, serves them, and answers alike when the databases are gone', async () => {
    const data = tempFolder();
    const app = compose({ data, access: 'write' });
    for (const fact of facts) await app.client.facts.add(fact);
    const { facts: known } = await app.client.facts.list({});
    const all = buildQuestionSet({
      facts: known,
      kinds: shippedKinds,
      templates: loadTemplates(resourcesFolder),
      benchmarks: loadBenchmarks(resourcesFolder),
      seed: 7,
      size: 'small',
    });
    const wanted = Object.entries(compared).flatMap(([group, count]) =>
      all.filter((each) => each.group === group).slice(0, count),
    );
    // Which forms a set holds hangs on the ids of the facts: others fill a gap.
    const others = all.filter((each) => each.bridge === undefined && !wanted.includes(each));
    const questions = [...wanted, ...others].slice(0, comparedCount);
    expect(questions).toHaveLength(comparedCount);

    const { jobId } = await app.client.training.start({ recipe: 'quick' });
    let result: unknown;
    for await (const job of await app.client.jobs.watch({ jobId })) {
      if (job.error !== null) throw new Error(job.error.message);
      result = job.result;
    }
    const report = trainReport.parse(result);
    expect(report.verdict.reasons.length).toBeGreaterThan(4);
    await app.client.adapters.activate({ id: report.adapterId, override: 'the model test' });
    const { adapters } = await app.client.adapters.list({});
    const adapterFile = adapters[0]?.file ?? '';

    const served: ChatAnswer[] = [];
    for (const { question } of questions) {
      served.push(await app.client.chat.ask({ question, arm: 'tuned' }));
    }
    // What the model learnt is in its answers although no fact stood in the prompt.
    const recalled = questions.filter(
      (each, index) => each.group === 'seen' && holdsValue(served[index]?.answer ?? '', each.expected),
    );
    expect(recalled.length).toBeGreaterThanOrEqual(3);
    expect(served.every((each) => each.bridged.length === 0)).toBe(true);
    const routes = new Set(served.map((each) => each.answeredBy));
    expect([...routes].sort()).toEqual(['adapter', 'base']);
    await app.dispose();

    const copy = join(tempFolder(), 'adapter.gguf');
    copyFileSync(adapterFile, copy);
    rmSync(data, { recursive: true });
    const runtime = createLlamaRuntime();
    const model = await runtime.load(baseModelFile());
    const systemText = readSystemText(resourcesFolder);
    let same = 0;
    for (const [index, { question }] of questions.entries()) {
      const prompt = model.encodePrompt(promptMessages({ systemText, user: question }));
      const request = { prompt, maxTokens: 256, sampling: { kind: 'greedy' } } as const;
      const first = await model.generate({ ...request, adapterFile: copy, firstToken: 'detect-pass' });
      const answer = first.passed
        ? await model.generate({ ...request, adapterFile: null, firstToken: 'free' })
        : first;
      const before = served[index];
      const text = answer.text.trim() === '' ? 'No answer' : answer.text.trim();
      if (before?.answer === text && before.answeredBy === (first.passed ? 'base' : 'adapter')) same += 1;
    }
    await runtime.dispose();
    expect(same / comparedCount).toBeGreaterThanOrEqual(0.99);
  });
});
