import { collectOnce } from '../../examples/support/collect-garbage.js';
import { KIB } from '../settings.js';
import { answerEach } from '../support/asked-process.js';
import { NANOSECONDS } from '../support/units.js';
import { type AllocatorMaker, type Batch, makeBatch } from './batch.js';
import { CONSTRUCTIONS, type ConstructionName, type Sources, sourcesFor } from './constructions.js';
import { arraysOf, type Shape } from './shape.js';
import { isRelease, type Variant } from './variant.js';
import type { Use, Workload } from './workloads.js';

const WARM_UP_BYTES = 4 * KIB;
const WARM_UP_SCOPES = 5;

/** What processes measure in turn, one with the package and others without. */
export interface AllocationTask {
  readonly construction: ConstructionName;
  readonly shape: Shape;
  readonly warmUpMilliseconds: number;
  /** Those of both processes. */
  readonly variants: readonly Variant[];
}

export interface Request {
  readonly variant: Variant;
  readonly workload: Workload;
}

export interface Answer {
  readonly nanosecondsPerArray: number;
  /** What the batch gave: the same for every variant. */
  readonly sum: number;
}

/** The variants that a process offers. */
export type Allocators = Map<Variant, AllocatorMaker>;

/**
 * Answers requests for one construction and shape.
 *
 * @param captured - how many arrays have come from arenas so far
 */
export function answerAllocations(
  load: (task: AllocationTask, sources: Sources) => Promise<Allocators>,
  captured: () => number,
): void {
  answerEach<AllocationTask, Request, Answer>(async (task) => {
    const { construction, shape } = task;
    const { bytesPerElement, uses } = CONSTRUCTIONS[construction];
    const allocators = await load(task, sourcesFor(construction, shape.bytes / bytesPerElement));
    const batches = new Map<string, Batch>();

    const batchFor = ({ variant, workload }: Request): Batch => {
      const key = `${variant}, ${workload}`;
      const known = batches.get(key);
      if (known !== undefined) return known;
      const allocator = allocators.get(variant);
      if (allocator === undefined) throw new RangeError(`no '${variant}' in this process`);
      const batch = makeBatch(allocator(), uses[workload] as Use);
      batches.set(key, batch);
      return batch;
    };

    return (request) => {
      const batch = batchFor(request);
      // Each variant pays for its own garbage only. Full collections are rare in programs; here V8
      // gets time to compile again what it has dropped with the garbage. A second one would take longer than most batches.
      collectOnce();
      warmUp(batch, task);
      // malloc gives back what a full collection has freed, and fetches each page anew: plain Node's arrays alone would pay for
      // that, as arenas and pools keep theirs. After one batch all of them have what they have in a program that goes on.
      run(batch, task);
      const before = captured();
      const start = performance.now();
      const sum = run(batch, task);
      const milliseconds = performance.now() - start;
      checkCaptured(request, task, captured() - before);
      const nanosecondsPerArray = (milliseconds * NANOSECONDS.perMillisecond) / arraysOf(shape);
      return { nanosecondsPerArray, sum };
    };
  });
}

function warmUp(
  batch: Batch,
  { construction, shape: { bytes, arraysPerScope }, warmUpMilliseconds }: AllocationTask,
): void {
  const { copies, bytesPerElement } = CONSTRUCTIONS[construction];
  // Copies are as long as what is copied.
  const [scopes, warmUpBytes] = copies
    ? [1, bytes]
    : [WARM_UP_SCOPES, Math.min(bytes, WARM_UP_BYTES)];
  const end = performance.now() + warmUpMilliseconds;
  do {
    batch(scopes, arraysPerScope, warmUpBytes / bytesPerElement);
  } while (performance.now() < end);
}

function run(
  batch: Batch,
  { construction, shape: { bytes, scopesPerBatch, arraysPerScope } }: AllocationTask,
): number {
  return batch(scopesPerBatch, arraysPerScope, bytes / CONSTRUCTIONS[construction].bytesPerElement);
}

/** Figures of arrays that V8 made would say nothing about arenas, and the other way round. */
function checkCaptured(
  { variant }: Request,
  { construction, shape }: AllocationTask,
  captured: number,
): void {
  const inArena =
    isRelease(variant) && shape.bytes >= CONSTRUCTIONS[construction].leastBytes[variant];
  const expected = inArena ? arraysOf(shape) : 0;
  if (captured === expected) return;
  throw new Error(`'${variant}' took ${captured} arrays from arenas, not ${expected}`);
}
