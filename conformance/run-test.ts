import { setTimeout } from 'node:timers';
import { asFunction, asTopLevel, type Evaluation } from './evaluate.js';
import type { Job } from './messages.js';
import { readTest, type TestCase } from './test-case.js';

const ASYNC_TIMEOUT = 10_000;

/** Runs an evaluation in the surroundings of a pass. */
export type Surround = (evaluation: Evaluation, isAsync: boolean) => unknown;

const COMPLETE = 'Test262:AsyncTestComplete';

// The test and its harness speak to the host by `print`.
function printedEnd(): { promise: Promise<string>; print: (text: unknown) => void } {
  let print: (text: unknown) => void = () => {};
  const promise = new Promise<string>((resolve) => {
    print = (text) => {
      if (String(text).startsWith('Test262:')) resolve(String(text));
    };
    setTimeout(resolve, ASYNC_TIMEOUT, 'no $DONE').unref();
  });
  return { promise, print };
}

function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { name = error.constructor?.name, message } = error as Error;
  return `${name}: ${message}`;
}

function nameOf(error: unknown): string {
  return (error as { constructor?: { name?: string } } | undefined)?.constructor?.name ?? '';
}

/** Says why an ending is not the one that the test wants; undefined when it is. */
function judge(
  { negative }: TestCase,
  phase: string,
  ending: { error: unknown } | undefined,
): string | undefined {
  if (negative === undefined) return ending && describeError(ending.error);
  const expected = `${negative.type} (${negative.phase})`;
  if (ending === undefined) return `Expected ${expected} but nothing was thrown`;
  if (nameOf(ending.error) === negative.type && phase === negative.phase) return undefined;
  return `Expected ${expected} but received ${describeError(ending.error)} (${phase})`;
}

async function settle(test: TestCase, evaluation: Evaluation, surround: Surround) {
  const { promise, print } = printedEnd();
  Object.assign(globalThis, { print });
  if (!test.flags.has('async') && !test.flags.has('module')) {
    surround(() => {
      evaluation();
    }, false);
    return;
  }
  await surround(async () => {
    await evaluation();
    if (!test.flags.has('async')) return;
    const end = await promise;
    if (end !== COMPLETE) throw new Error(end);
  }, true);
}

/**
 * Runs one test.
 * @param surround - called once with what is to be run
 * @returns why it failed, undefined when it passed
 */
export async function runTest(
  root: string,
  { path, variant, alone }: Job,
  surround: Surround,
): Promise<string | undefined> {
  const test = readTest(root, path);
  let phase = 'parse';
  try {
    const evaluation = (alone ? asTopLevel : asFunction)(root, test, variant);
    phase = variant === 'module' ? 'resolution' : 'runtime';
    await settle(test, evaluation, surround);
  } catch (error) {
    return judge(test, phase, { error });
  }
  return judge(test, phase, undefined);
}
