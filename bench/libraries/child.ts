import type { Job } from '../../examples/demo/pipeline.js';
import { Digest } from '../../examples/support/digest.js';
import { NothingCapturedError } from '../../examples/support/failures.js';
import { answerPasses, type PassWork } from '../support/passes.js';
import { PANEL } from './panel.js';
import type { LibraryTask } from './process.js';

type Run = (job: Job) => readonly NodeJS.ArrayBufferView[];

async function prepare(task: LibraryTask): Promise<PassWork> {
  const { library, jobs: most } = task;
  const pipeline = PANEL.find((candidate) => candidate.library === library);
  if (pipeline === undefined) throw new RangeError(`no library ${library}`);
  const { run, requireCaptures } = await runnerOf(task);
  const jobs = spread(await pipeline.prepare(), most ?? Number.POSITIVE_INFINITY);
  // What docs/libraries.md asks of `'exit'`: tables that a library builds on first use are built outside all scopes.
  for (const job of jobs) job();
  return {
    pass() {
      for (const job of jobs) run(job);
    },
    async digest() {
      const digest = new Digest();
      for (const job of jobs) digest.add(run(job));
      requireCaptures();
      return digest.hex();
    },
  };
}

interface Runner {
  readonly run: Run;
  /** @throws {NothingCapturedError} when no job has taken anything from an arena */
  requireCaptures(): void;
}

/** Plain Node is plain: no import brings the package in there. */
async function runnerOf({ library, variant }: LibraryTask): Promise<Runner> {
  if (variant === 'plain') return { run: (job) => job(), requireCaptures() {} };
  if (variant === 'floor') {
    const { withKeptArrays } = await import('../support/kept-arrays.js');
    return { run: withKeptArrays, requireCaptures() {} };
  }
  const { runIn } = await import('../../examples/support/variant.js');
  const { stats } = await import('arena-pirate');
  return {
    run: (job) => runIn(variant, job),
    requireCaptures() {
      if (stats().process.captured === 0) throw new NothingCapturedError(library, variant);
    },
  };
}

/** At most so many, from all over the list. */
function spread(jobs: readonly Job[], most: number): Job[] {
  const count = Math.min(jobs.length, most);
  return Array.from(
    { length: count },
    (_, i) => jobs[Math.floor(((i + 0.5) * jobs.length) / count)] as Job,
  );
}

answerPasses(prepare(JSON.parse(process.argv[2] ?? '') as LibraryTask));
