import { stats } from 'arena-pirate';
import { collectGarbage } from '../../examples/support/collect-garbage.js';
import { KIB, type Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { NANOSECONDS } from '../support/units.js';
import { type Batch, makeBatch } from './batch.js';
import { arraysOf, type Shape, scopeBytes } from './shape.js';
import { VARIANTS, type Variant } from './variant.js';
import { WORKLOADS, type Workload } from './workloads.js';

const WARM_UP_LENGTH = (4 * KIB) / Float64Array.BYTES_PER_ELEMENT;
const WARM_UP_SCOPES = 50;
// V8 keeps arrays of so many bytes on its own heap, and arenas leave them there.
const ON_HEAP_BYTES = 64;

/** One size and workload: nanoseconds for one array of each variant, round by round. */
export interface Measured extends Shape {
  readonly workload: Workload;
  readonly rounds: Readonly<Record<Variant, number[]>>;
}

/** What a process of the allocation benchmark is to measure. */
export interface AllocationTask {
  readonly shape: Shape;
  readonly workload: Workload;
  readonly settings: Settings;
}

type Batches = readonly (readonly [Variant, Batch])[];

export async function measure({ shape, workload, settings }: AllocationTask): Promise<Measured> {
  const memory = new ArrayBuffer(scopeBytes(shape));
  const batches: Batches = VARIANTS.map((variant) => [
    variant,
    makeBatch(variant, WORKLOADS[workload], memory),
  ]);
  const expected = rehearse(shape, batches, settings);
  const rounds: Measured['rounds'] = { plain: [], collected: [], exit: [], floor: [] };
  for (let round = 0; round < settings.rounds; round++) {
    for (const [variant, batch] of inTurn(batches, round)) {
      // Each variant pays for its own garbage only. Full collections are rare in programs; here V8
      // gets time to compile again what it has dropped with the garbage.
      await collectGarbage();
      warmUp(batch, shape, settings.warmUpMilliseconds);
      const start = performance.now();
      const sum = run(batch, shape);
      const milliseconds = performance.now() - start;
      rounds[variant].push((milliseconds * NANOSECONDS.perMillisecond) / arraysOf(shape));
      if (sum !== expected) throw new Error(`'${variant}' gave ${sum}, not ${expected}`);
    }
  }
  return { ...shape, workload, rounds };
}

/** Has everything compiled and all memory there. @returns the sum that every batch has to give */
function rehearse(shape: Shape, batches: Batches, { warmUpMilliseconds }: Settings): number {
  // In turn and more than once: what they share, the package, has to be compiled for all of them.
  for (let round = 0; round < batches.length; round++) {
    for (const [, batch] of inTurn(batches, round)) warmUp(batch, shape, warmUpMilliseconds);
  }
  const sums = batches.map(([variant, batch]) => {
    const before = stats().thread.captured;
    const sum = run(batch, shape);
    checkCaptured(shape, variant, stats().thread.captured - before);
    return sum;
  });
  return sums[0] as number;
}

function warmUp(batch: Batch, { arraysPerScope, length }: Shape, milliseconds: number): void {
  const end = performance.now() + milliseconds;
  do {
    batch(WARM_UP_SCOPES, arraysPerScope, Math.min(length, WARM_UP_LENGTH));
  } while (performance.now() < end);
}

function run(batch: Batch, { scopesPerBatch, arraysPerScope, length }: Shape): number {
  return batch(scopesPerBatch, arraysPerScope, length);
}

/** Figures of arrays that V8 made would say nothing about arenas, and the other way round. */
function checkCaptured(shape: Shape, variant: Variant, captured: number): void {
  const inArena = variant !== 'plain' && variant !== 'floor' && shape.bytes > ON_HEAP_BYTES;
  const expected = inArena ? arraysOf(shape) : 0;
  if (captured === expected) return;
  throw new Error(`'${variant}' took ${captured} arrays from arenas, not ${expected}`);
}
