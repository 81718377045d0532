// A process that runs tests, one after another, as its parent sends them.

import vm from 'node:vm';
import { hostOf } from './host.js';
import type { Answer, Job, Pass } from './messages.js';
import { RealmGuard } from './realm-guard.js';
import { runTest, type Surround } from './run-test.js';

const [root, pass] = process.argv.slice(2) as [string, Pass];

const NO_SCOPE: Surround = (evaluation) => evaluation();

function surroundingsOf(name: Pass): Surround {
  if (name === 'plain') return NO_SCOPE;
  const { arena, configure }: typeof import('arena-pirate') = require('arena-pirate');
  configure({ minBytes: 1 });
  if (name === 'outside') return NO_SCOPE;
  const options = { release: name, copyResult: false };
  // Without async context where there is nothing to await: with it, Node's own code reads its typed
  // arrays' `length` after the test, which some tests have made throw.
  return (evaluation, isAsync) => (isAsync ? arena : arena.sync)(evaluation, options);
}

const surround = surroundingsOf(pass);
Object.assign(globalThis, {
  $262: hostOf((source) => vm.runInThisContext(source)),
  print: undefined,
});
const guard = new RealmGuard();
const send = process.send?.bind(process) as (answer: Answer) => void;

process.on('message', async (job: Job) => {
  const failure = await runTest(root, job, surround);
  send({ failure, reusable: guard.restore() && !job.alone });
});
