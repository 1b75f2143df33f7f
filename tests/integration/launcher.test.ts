import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const projectRoot = join(import.meta.dirname, '..', '..');
const launcher = join(projectRoot, 'scripts', 'keepsake.mjs');

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'keepsake caller ä-')));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout })));
}

function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk: Buffer | string) => {
      if (String(chunk).includes(text)) resolve();
    });
  });
}

/** Starts a small program of our own through the launcher's code. */
function launchProgram(source: string): ChildProcess {
  const program = join(folder, 'program.mjs');
  const starter = join(folder, 'starter.mjs');
  const library = pathToFileURL(join(projectRoot, 'scripts', 'lib', 'start-application.mjs')).href;
  writeFileSync(program, source);
  writeFileSync(
    starter,
    `import { startApplication } from ${JSON.stringify(library)};\n` +
      `startApplication([], { cwd: process.cwd(), program: ${JSON.stringify(program)} });\n`,
  );
  return spawn(process.execPath, [starter], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('the launcher', () => {
  it("takes relative paths from the caller's folder and keeps stdout to the result", async () => {
    mkdirSync(join(folder, 'sub folder'));
    writeFileSync(join(folder, 'sub folder', 'facts.json'), '[{"attribute":"birthday","value":"3 March"}]');
    const args = ['facts', 'import', 'sub folder/facts.json', '--data', 'the data', '--json'];
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { code, stdout } = await ended(child);
    const lines = stdout.trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ added: 1 });
    expect(code).toBe(0);
  });

  it('passes on the exit code and the error of a command that fails', async () => {
    const args = ['facts', 'import', 'nowhere.json', '--data', 'the data', '--json'];
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { code, stdout } = await ended(child);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'invalid-input' },
    });
    expect(code).toBe(2);
  });

  it('hands standard input over', async () => {
    const child = launchProgram(`for await (const chunk of process.stdin) process.stdout.write(chunk);`);
    child.stdin?.end('typed by the user');
    expect(await ended(child)).toEqual({ code: 0, signal: null, stdout: 'typed by the user' });
  });

  it('hands one SIGINT over as one, and leaves the exit code to the program', async () => {
    const child = launchProgram(`
      let count = 0;
      process.on('SIGINT', () => {
        count += 1;
        // The answer waits for a second signal that must not come.
        setTimeout(() => { process.stdout.write('signals ' + count); process.exit(3); }, 300);
      });
      setInterval(() => {}, 1000);
      process.stdout.write('ready');
    `);
    const end = ended(child);
    await printed(child, 'ready');
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 3, signal: null, stdout: 'readysignals 1' });
  });

  it('ends by the signal that ended the program', async () => {
    const child = launchProgram(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`);
    expect(await ended(child)).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});
