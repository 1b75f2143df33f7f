// The process in which one parser of the app meets malformed inputs. It answers each with how the parser took it; the
// parent ends it when it is silent for too long, and sees its memory.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../electron/contract/errors.ts';
import { parseQuestions } from '../../electron/core/evaluation/question-file.ts';
import { parseFacts } from '../../electron/core/facts/fact-files.ts';
import { loadKinds } from '../../electron/core/facts/kinds.ts';
import { readGgufAdapter } from '../../electron/core/interchange/gguf-adapter.ts';
import { parsePeftConfig } from '../../electron/core/interchange/peft-config.ts';
import { readSafeTensors } from '../../electron/core/interchange/safetensors.ts';
import { readGgufHeader } from '../../electron/core/models/gguf-header.ts';
import { parseWorkerMessage } from '../../electron/core/training/trainer-protocol.ts';
import { readJsonLines } from '../../electron/platform/json-lines.ts';
import { projectRoot } from '../lib/paths.mjs';

const kinds = loadKinds(join(projectRoot, 'resources'));
const scratch = join(tmpdir(), `keepsake-fuzz-${process.pid}`);

function inFile(read) {
  return (bytes) => {
    writeFileSync(scratch, bytes);
    return read(scratch);
  };
}

const parsers = {
  'facts JSON': (bytes) => parseFacts(bytes, 'facts.json', kinds),
  'facts JSON Lines': (bytes) => parseFacts(bytes, 'facts.jsonl', kinds),
  'facts CSV': (bytes) => parseFacts(bytes, 'facts.csv', kinds),
  'question file': (bytes) => parseQuestions(bytes.toString('utf8'), 'questions.jsonl'),
  'GGUF header': inFile((file) => readGgufHeader(file, { arrays: ['tokenizer.ggml.tokens'] })),
  'GGUF adapter': inFile((file) => readGgufAdapter(file).pairs.map((pair) => pair.read())),
  safetensors: inFile((file) => readSafeTensors(file).tensors.map((tensor) => tensor.read())),
  'PEFT configuration': (bytes) => parsePeftConfig(bytes.toString('utf8'), 'adapter_config.json'),
  'protocol lines': async (bytes) => {
    // As platform/native-trainer.ts reads them: a line it cannot understand is an error of the worker.
    for await (const line of readJsonLines(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]))) {
      if (!line.ok) continue;
      try {
        parseWorkerMessage(line.value);
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) throw error;
      }
    }
  },
};

/** Names of the parsers that are here. */
export const parserNames = Object.keys(parsers);

if (process.send !== undefined) {
  const parser = parsers[process.argv[2]];
  process.on('message', async ({ bytes }) => {
    let outcome = { taken: 'accepted' };
    try {
      await parser(Buffer.from(bytes));
    } catch (error) {
      outcome =
        error instanceof AppError && error.code !== 'internal'
          ? { taken: 'refused', what: error.message }
          : { taken: 'broken', what: `${error?.name}: ${error?.message}`.slice(0, 300) };
    }
    process.send({ ...outcome, memoryBytes: process.memoryUsage.rss() });
  });
  process.send({ taken: 'ready' });
}
