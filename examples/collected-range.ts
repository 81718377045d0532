/**
 * The README example of the original, `sum(collect(1:1_000_000))`: a range becomes an array of doubles, the array
 * becomes one number, and nothing else is left of it.
 */
import { exampleWorkload } from './support/example-workload.js';
import { runAlone } from './support/run-alone.js';
import { runIn } from './support/variant.js';
import type { Workload } from './support/workload.js';

/** The doubles `first`, `first + 1`, … `last` in an array. */
export function collect(first: number, last: number): Float64Array {
  return fillRange(new Float64Array(last - first + 1), first);
}

/** The sum, in four lanes so that no addition waits for the one before it. */
export function sum(values: Float64Array): number {
  const whole = values.length - (values.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 4) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
  }
  for (let i = whole; i < values.length; i++) a += values[i] as number;
  return a + b + (c + d);
}

export function sumOfCollectedRange(n: number): number {
  return sum(collect(1, n));
}

/** The same sum with one buffer kept by hand. */
export function handKeptSumOfCollectedRange(n: number): () => number {
  const kept = new Float64Array(n);
  return () => sum(fillRange(kept, 1));
}

function fillRange(values: Float64Array, first: number): Float64Array {
  const { length } = values;
  for (let i = 0; i < length; i++) values[i] = first + i;
  return values;
}

/** `repeats` sums of a range of `n`, as one workload of the demo. */
export function collectedRangeWorkload(n: number, repeats: number): Workload {
  const handKept = handKeptSumOfCollectedRange(n);
  const sums = (one: () => number): Float64Array => Float64Array.from({ length: repeats }, one);
  return exampleWorkload({
    name: 'collected range',
    input: `sum of 1…${n.toLocaleString('en')}, ${repeats} times`,
    plain: () => sums(() => sumOfCollectedRange(n)),
    inArenas: (release) => sums(() => runIn(release, () => sumOfCollectedRange(n))),
    handKept: () => sums(handKept),
  });
}

if (require.main === module) {
  runAlone({
    about: 'Sums a range of doubles that was collected into an array, plain and in arenas.',
    numbers: {
      n: { about: 'end of the range', value: 1_000_000 },
      repeats: { about: 'sums in a round', value: 100 },
      rounds: { about: 'rounds', value: 9 },
    },
    workload: ({ n, repeats }) => collectedRangeWorkload(n, repeats),
  });
}
