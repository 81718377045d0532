import { Digest } from './digest.js';
import type { Sample, Workload } from './workload.js';

/** An example's work; each way of doing it gives all its results in one array. */
export interface ExampleWork {
  readonly name: string;
  readonly input: string;
  plain(): Float64Array;
  inArenas(release: 'collected' | 'exit'): Float64Array;
  handKept(): Float64Array;
}

/** The example with all four kinds of memory. */
export function exampleWorkload(work: ExampleWork): Workload {
  return {
    name: work.name,
    input: work.input,
    runs: new Map([
      ['plain', () => sample(() => work.plain())],
      ['collected', () => sample(() => work.inArenas('collected'))],
      ['exit', () => sample(() => work.inArenas('exit'))],
      ['hand-kept', () => sample(() => work.handKept())],
    ]),
  };
}

function sample(run: () => Float64Array): Sample {
  const start = performance.now();
  const results = run();
  const milliseconds = performance.now() - start;
  const digest = new Digest();
  digest.add([results]);
  return { milliseconds, sha256: digest.hex() };
}
