// The operations that the campaign of faults meets: how each is prepared, what is run, at which named moments it can be
// ended, and what must hold once it was run again. Everything is done with the command line program, as a user does it.
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const importedFacts = 2000;
/** Moments in which the worker writes a file of its own (native-worker/PROTOCOL.md). */
const workerFile = ['write', 'fsync', 'fsynced', 'rename', 'renamed'].map(
  (moment) => `worker-file.${moment}`,
);

/** Lower-case hexadecimal SHA-256 of a file. */
export function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Every database below a folder. */
export function databasesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /(^|\/)(app|profile)\.db$/.test(name))
    .map((name) => join(folder, name));
}

/**
 * Prepares what the operations start from. `run(args)` runs the command line, must succeed and gives its result;
 * `tinyModel` and `otherModel` are bases of a few hundred kilobytes, `oldFolder` a data folder of an older schema.
 */
export async function makeOperations({ scratch, run, tinyModel, otherModel, oldFolder }) {
  const base = join(scratch, 'tiny.gguf');
  copyFileSync(tinyModel, base);
  const factsFile = join(scratch, 'facts.json');
  const rows = Array.from({ length: importedFacts }, (_, n) => ({
    attribute: `thing ${n}`,
    value: `value ${n}`,
  }));
  writeFileSync(factsFile, JSON.stringify(rows));
  const template = join(scratch, 'template');
  for (const n of [1, 2, 3])
    await run(['facts', 'add', '--attribute', `colour ${n}`, '--value', `red ${n}`, '--data', template]);
  const { id: baseId } = await run(['models', 'add', base, '--data', template]);
  const trained = join(scratch, 'trained');
  cpSync(template, trained, { recursive: true });
  const { adapterId } = await run(['train', '--recipe', 'quick', '--base', baseId, '--data', trained]);
  const reference = join(scratch, 'reference.gguf');
  await run(['merge', '--adapter', adapterId, '--type', 'f16', '--output', reference, '--data', trained]);
  const server = await startServer(readFileSync(otherModel));
  const operations = [
    {
      name: 'import',
      template,
      args: ['facts', 'import', factsFile],
      moments: [],
      check: async (data, runThere) => {
        const { facts } = await runThere(['facts', 'list']);
        const told = facts.filter((fact) => fact.source.type !== 'derived').length;
        return told === importedFacts + 3 ? [] : [`${told} facts in place of ${importedFacts + 3}`];
      },
      // Half an import is the one thing that must not be seen, also before it is run again.
      checkAtOnce: async (data, runThere) => {
        const { facts } = await runThere(['facts', 'list']);
        return [3, importedFacts + 3].includes(facts.length) ? [] : [`half an import: ${facts.length} facts`];
      },
    },
    {
      name: 'dataset build',
      template,
      args: ['dataset', 'build', '--recipe', 'quick', '--base', baseId],
      moments: [],
      check: async (data, runThere) => {
        const { samples } = await runThere(['dataset', 'show']);
        return samples.length > 50 ? [] : [`a dataset of ${samples.length} samples`];
      },
    },
    {
      name: 'training',
      template,
      args: ['train', '--recipe', 'quick', '--base', baseId],
      moments: [
        ...['training.prepare', 'training.write-samples', 'training.start-worker', 'training.register'],
        ...['training.clean-up', 'training.judge', 'training.conclude'],
      ],
      workerMoments: workerFile,
      hasWorker: true,
      // Adapter and checkpoint.
      workerFiles: 2,
      check: async (data, runThere) => {
        const { adapters } = await runThere(['adapters', 'list']);
        const [adapter] = adapters;
        if (adapters.length !== 1) return [`${adapters.length} adapters in place of one`];
        if (adapter.verdict === null) return ['the adapter has no verdict'];
        return existsSync(adapter.file) ? leftovers(join(adapter.file, '..')) : ['the adapter has no file'];
      },
    },
    {
      name: 'merge',
      template: trained,
      args: [
        'merge',
        '--adapter',
        adapterId,
        '--type',
        'f16',
        '--output',
        '{data}-out/merged.gguf',
        '--force',
      ],
      moments: ['merge.begin', 'merge.written', 'merge.tested', 'merge.renamed'],
      workerMoments: workerFile,
      hasWorker: true,
      check: async (data) => checkFile(join(`${data}-out`, 'merged.gguf'), reference),
      checkAtOnce: async (data) =>
        existsSync(join(`${data}-out`, 'merged.gguf'))
          ? checkFile(join(`${data}-out`, 'merged.gguf'), reference)
          : [],
    },
    {
      name: 'download',
      template,
      args: ['models', 'get', `${server.url}/other.gguf`, '--sha256', server.sha256],
      moments: [
        ...[
          'download.ask',
          'download.state',
          'download.begin',
          'download.write',
          'download.fsync',
          'download.fsynced',
        ],
        ...[
          'download.verify',
          'download.inspect',
          'download.rename',
          'download.renamed',
          'download.register',
        ],
      ],
      check: async (data, runThere) => {
        const { models } = await runThere(['models', 'list']);
        const found = models.find((model) => model.sha256 === server.sha256);
        if (found === undefined) return ['the model is not in the list'];
        return hashOf(found.file) === server.sha256 ? leftovers(join(found.file, '..')) : ['another file'];
      },
      checkAtOnce: async (data) => {
        const file = join(data, '..', 'cache', 'keepsake', 'models', 'other.gguf');
        return !existsSync(file) || hashOf(file) === server.sha256
          ? []
          : ['half a download under its final name'];
      },
    },
    {
      name: 'migration',
      template: oldFolder,
      args: ['facts', 'add', '--attribute', 'shoe size', '--value', '41'],
      moments: [
        'backup.write',
        'backup.fsync',
        'backup.rename',
        'migration.step',
        'migration.version',
        'migration.commit',
        'migration.done',
      ],
      check: async (data, runThere) => {
        const { facts } = await runThere(['facts', 'list']);
        const values = facts.map((fact) => fact.value);
        return values.includes('41') && facts.length > 1
          ? []
          : [`facts after the migration: ${values.join(', ')}`];
      },
    },
  ];
  return { operations, close: () => server.close() };
}

/** A merge of the same has the same length, but for the date and ids in its header. */
function checkFile(file, reference) {
  if (!existsSync(file)) return [`${file} is missing`];
  const bytes = readFileSync(file);
  if (bytes.subarray(0, 4).toString() !== 'GGUF') return [`${file} is no GGUF`];
  const expected = readFileSync(reference).length;
  return Math.abs(bytes.length - expected) < 512
    ? []
    : [`${file} has ${bytes.length} bytes, not about ${expected}`];
}

/** Files that a finished operation must not leave beside its result. */
function leftovers(folder) {
  return readdirSync(folder)
    .filter((name) => /\.(partial|tmp|state)(\.|$)/.test(name))
    .map((name) => `left over: ${name}`);
}

/** Serves one file slowly enough to be ended in the middle. */
async function startServer(content) {
  const other = Buffer.from(content);
  const sha256 = createHash('sha256').update(other).digest('hex');
  const server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = other.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.length,
      'accept-ranges': 'bytes',
      etag: '"one"',
      ...(start > 0 ? { 'content-range': `bytes ${start}-${other.length - 1}/${other.length}` } : {}),
    });
    if (request.method === 'HEAD') return response.end();
    const piece = Math.ceil(other.length / 20);
    let sent = 0;
    const timer = setInterval(() => {
      response.write(rest.subarray(sent, sent + piece));
      sent += piece;
      if (sent >= rest.length) {
        clearInterval(timer);
        response.end();
      }
    }, 10);
    response.on('close', () => clearInterval(timer));
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    sha256,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Problems of the databases of a folder: what SQLite's own check says. */
export function checkDatabases(data) {
  return databasesIn(data).flatMap((file) => {
    const db = new Database(file, { readonly: true });
    try {
      const said = db.pragma('integrity_check', { simple: true });
      const broken = db.pragma('foreign_key_check');
      return [
        ...(said === 'ok' ? [] : [`${file}: ${said}`]),
        ...(broken.length === 0 ? [] : [`${file}: broken references`]),
      ];
    } finally {
      db.close();
    }
  });
}
