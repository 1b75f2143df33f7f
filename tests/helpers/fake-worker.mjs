#!/usr/bin/env node
// Stands in for the trainer where its faults are tested. FAKE_WORKER names the fault, FAKE_WORKER_LOG a file that gets
// one line for each start.
import { appendFileSync, readFileSync } from 'node:fs';

const [command, configFile] = process.argv.slice(2);
const fault = process.env.FAKE_WORKER ?? 'patient';
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (command === 'inspect') {
  say({
    type: 'inspect',
    architecture: 'llama',
    supported: true,
    is_adapter: false,
    has_chat_template: true,
    n_ctx_train: 2048,
    tensor_types: { q4_1: 10 },
    general_name: 'Fake',
  });
} else {
  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  if (process.env.FAKE_WORKER_LOG)
    appendFileSync(process.env.FAKE_WORKER_LOG, `${fault} ${config.run_id} ${config.gemm} ${process.pid}\n`);
  say({ type: 'hello', protocol: 1, version: 'fake', ggml: 'fake', device: 'cpu', threads: 1, gemm: 'fake' });
  if (fault === 'garbage') process.stdout.write('\u0000\u0001 no JSON at all\n');
  if (fault === 'killed') process.kill(process.pid, 'SIGKILL');
  if (fault === 'out-of-memory') {
    say({
      type: 'error',
      code: 'out-of-memory',
      message: 'There is not enough memory.',
      hint: 'Close other programs.',
    });
    process.exit(4);
  }
  if (fault === 'memory') {
    say({
      type: 'error',
      code: 'not-enough-memory',
      message: 'Needs 9.2 GB, 1.1 GB free.',
      hint: 'Close programs.',
    });
    process.exit(4);
  }
  if (fault === 'silent-end') process.exit(0);
  // Stubborn: hears neither a request nor a signal, and ends only with its parent.
  if (fault === 'stubborn') process.on('SIGTERM', () => undefined);
  // Patient: works until it is asked to stop, as the real one does.
  let step = 0;
  const fallsSilent = fault === 'mute' || fault === 'dies';
  const timer = setInterval(() => {
    step += 1;
    // Alive without a word, or gone without one.
    if (fallsSilent && step > 5) {
      if (fault === 'dies') process.kill(process.pid, 'SIGKILL');
      return;
    }
    say({
      type: 'step',
      step,
      steps: 1000,
      epoch: 0,
      loss: 1,
      lr: 0.001,
      grad_norm: 1,
      tokens: 10,
      tokens_per_s: 10,
    });
  }, 50);
  let text = '';
  process.stdin.on('data', (chunk) => {
    text += chunk;
    const reason = ['cancel', 'pause'].find((each) => text.includes(`"${each}"`));
    if (fault === 'stubborn' || reason === undefined) return;
    clearInterval(timer);
    say({ type: 'cancelled', step, reason });
    process.exit(3);
  });
  process.stdin.on('end', () => process.exit(3));
}
