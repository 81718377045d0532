import { Digest } from './digest.js';
import type { Sample, Workload } from './workload.js';

type Numbers = Float64Array | Promise<Float64Array>;

/** An example's work; each way of doing it gives all its results in one array. */
export interface ExampleWork {
  readonly name: string;
  readonly input: string;
  /** See {@link Workload.threads}. */
  readonly threads?: number;
  plain(): Numbers;
  inArenas(release: 'collected' | 'exit'): Numbers;
  handKept(): Numbers;
}

/** The example with all four kinds of memory. */
export function exampleWorkload(work: ExampleWork): Workload {
  return {
    name: work.name,
    input: work.input,
    threads: work.threads,
    runs: new Map([
      ['plain', () => sample(() => work.plain())],
      ['collected', () => sample(() => work.inArenas('collected'))],
      ['exit', () => sample(() => work.inArenas('exit'))],
      ['hand-kept', () => sample(() => work.handKept())],
    ]),
  };
}

async function sample(run: () => Numbers): Promise<Sample> {
  const start = performance.now();
  const results = await run();
  const milliseconds = performance.now() - start;
  const digest = new Digest();
  digest.add([results]);
  return { milliseconds, sha256: digest.hex() };
}
