import { Digest } from '../support/digest.js';
import { runIn } from '../support/variant.js';
import type { Sample, Workload } from '../support/workload.js';

/** One piece of work on one input, for instance one file. It knows nothing of arenas. */
export type Job = () => readonly NodeJS.ArrayBufferView[];

/** What the demo has an unmodified library do. */
export interface Pipeline {
  /** The npm package. */
  readonly library: string;
  /** What it does on what, for people. */
  readonly input: string;
  /**
   * Loads the library and reads the input, so that a job only computes. The library is imported here and not at
   * the top of the file: one that keeps the typed-array constructors it finds while loading has to find those
   * of arena-pirate.
   */
  prepare(): Promise<readonly Job[]>;
}

/** The pipeline's jobs, each in a scope of its own. */
export async function pipelineWorkload(pipeline: Pipeline): Promise<Workload> {
  const jobs = await pipeline.prepare();
  return {
    name: pipeline.library,
    input: pipeline.input,
    runs: new Map([
      ['plain', () => sample(jobs, 'plain')],
      ['collected', () => sample(jobs, 'collected')],
      ['exit', () => sample(jobs, 'exit')],
    ]),
  };
}

function sample(jobs: readonly Job[], variant: 'plain' | 'collected' | 'exit'): Sample {
  const digest = new Digest();
  let milliseconds = 0;
  for (const job of jobs) {
    const start = performance.now();
    const output = runIn(variant, job);
    milliseconds += performance.now() - start;
    digest.add(output);
  }
  return { milliseconds, sha256: digest.hex() };
}
