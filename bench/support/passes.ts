import { NANOSECONDS } from './units.js';

/** Work that takes milliseconds to seconds and is done over and over: a pass is all of it once. */
export interface PassWork {
  /** What is measured. */
  pass(): void | Promise<void>;
  /** Does a pass and hashes what it gives. */
  digest(): Promise<string>;
}

/** How long work is done before it counts. */
export interface WarmUp {
  readonly leastMilliseconds: number;
  /** When to stop although the passes still get faster. */
  readonly mostMilliseconds: number;
}

/** What a parent asks of a process that does such work. */
export type PassRequest =
  | { readonly warmUp: WarmUp }
  | { readonly passes: number }
  | { readonly digest: true };

export interface PassAnswer {
  /** The answer to `warmUp` and `passes`. */
  readonly nanosecondsPerPass?: number;
  /** The answer to `digest`. */
  readonly sha256?: string;
}

/** Passes that are compared with those before them to see whether they still get faster. */
const STRETCH = 3;
const STEADY = 0.97;

/** Answers the requests of the process that forked this one. */
export function answerPasses(prepared: Promise<PassWork>): void {
  process.on('message', async (request: PassRequest) => {
    const answer = await answerTo(request, await prepared);
    process.send?.(answer);
  });
}

async function answerTo(request: PassRequest, work: PassWork): Promise<PassAnswer> {
  if ('digest' in request) return { sha256: await work.digest() };
  const nanosecondsPerPass =
    'warmUp' in request ? await warmUp(work, request.warmUp) : await time(work, request.passes);
  return { nanosecondsPerPass };
}

async function time(work: PassWork, passes: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < passes; i++) await work.pass();
  return ((performance.now() - start) * NANOSECONDS.perMillisecond) / passes;
}

/** @returns nanoseconds that a pass takes at the end */
async function warmUp(work: PassWork, limits: WarmUp): Promise<number> {
  const start = performance.now();
  const times: number[] = [];
  for (;;) {
    times.push(await time(work, 1));
    const elapsed = performance.now() - start;
    const steady = elapsed >= limits.leastMilliseconds && isSteady(times);
    if (steady || elapsed >= limits.mostMilliseconds) return Math.min(...times.slice(-STRETCH));
  }
}

function isSteady(times: readonly number[]): boolean {
  const before = times.slice(0, -STRETCH);
  return before.length > 0 && Math.min(...times.slice(-STRETCH)) > STEADY * Math.min(...before);
}
