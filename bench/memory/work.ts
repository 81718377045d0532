import type { Job } from '../../examples/demo/pipeline.js';
import { Digest } from '../../examples/support/digest.js';
import { PANEL } from '../libraries/panel.js';
import { KIB, SETTINGS } from '../settings.js';
import type { MemoryTask, MemoryVariant, MemoryWork } from './resident.js';

/** One pass. Gives a text that depends on all its results. */
export type Pass = () => string | Promise<string>;

export const ARRAYS_PER_SCOPE = 100;

type InScope = <T>(fn: () => T) => T;

/** Plain Node is plain: where the work lets it, the package is not loaded there. */
export async function passOf({ variant, work }: MemoryTask): Promise<Pass> {
  if ('example' in work) return exampleOf(work, variant);
  const inScope = await scopeOf(variant);
  return 'arrays' in work ? loop(work.arrays, inScope) : libraryOf(work, inScope);
}

async function scopeOf(variant: MemoryVariant): Promise<InScope> {
  if (variant === 'plain') return (fn) => fn();
  const { arena } = await import('arena-pirate');
  return (fn) => arena(fn, { release: variant });
}

function loop(arrays: number, inScope: InScope): Pass {
  const oneScope = (): number => {
    let sum = 0;
    for (let i = 0; i < ARRAYS_PER_SCOPE; i++) {
      const array = new Float64Array(KIB / Float64Array.BYTES_PER_ELEMENT);
      array.fill(i);
      sum += array[1] as number;
    }
    return sum;
  };
  return () => {
    let sum = 0;
    for (let scope = 0; scope < arrays / ARRAYS_PER_SCOPE; scope++) sum += inScope(oneScope);
    return `${sum}`;
  };
}

async function exampleOf(
  { example, smoke }: Extract<MemoryWork, { example: string }>,
  variant: MemoryVariant,
): Promise<Pass> {
  const { EXAMPLE_WORKLOADS } = await import('../examples/measure.js');
  const { examples } = SETTINGS[smoke ? 'smoke' : 'standard'];
  const workload = EXAMPLE_WORKLOADS[example as keyof typeof EXAMPLE_WORKLOADS](examples);
  const run = workload.runs.get(variant);
  if (run === undefined) throw new RangeError(`'${example}' has no variant '${variant}'`);
  return async () => (await run()).sha256;
}

async function libraryOf(
  { library, jobs: most }: Extract<MemoryWork, { library: string }>,
  inScope: InScope,
): Promise<Pass> {
  const pipeline = PANEL.find((candidate) => candidate.library === library);
  if (pipeline === undefined) throw new RangeError(`no library ${library}`);
  const jobs = (await pipeline.prepare()).slice(0, most);
  // What docs/libraries.md asks of `'exit'`: tables that a library builds on first use are built outside all scopes.
  for (const job of jobs) job();
  return () => digestOf(jobs, inScope);
}

function digestOf(jobs: readonly Job[], inScope: InScope): string {
  const digest = new Digest();
  for (const job of jobs) digest.add(inScope(job));
  return digest.hex();
}
