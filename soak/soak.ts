import { arena, clearArenaPool } from 'arena-pirate';
import type { Context, Job } from './job.js';
import { arrays } from './jobs/arrays.js';
import { corruptOne, escapes } from './jobs/escapes.js';
import { requests } from './jobs/http.js';
import { libraries } from './jobs/libraries.js';
import { messages } from './jobs/messages.js';
import { nodeApis } from './jobs/node-apis.js';
import { timers } from './jobs/timers.js';
import { workers } from './jobs/workers.js';
import { type Sample, takeSample } from './samples.js';

const JOBS: readonly Job[] = [
  ...[arrays, escapes, timers, libraries],
  ...[nodeApis, requests, messages, workers],
];

// Scopes that overlap in time.
const TOGETHER = 8;
const SAMPLE_INTERVAL = 1000;
const CLEAR_INTERVAL = 30_000;

// From 16 bytes to 4 MiB, half of them below 400.
const SHORTEST = 16;
const DOUBLINGS = 18;

/** What a run has seen. */
export interface Outcome {
  readonly samples: readonly Sample[];
  /** Runs of each job. */
  readonly runs: ReadonlyMap<string, number>;
  readonly checks: number;
  /** What was not as it should be, each kind once with its number. */
  readonly wrong: ReadonlyMap<string, number>;
}

/** How a run is to be. */
export interface Plan {
  readonly milliseconds: number;
  readonly random: () => number;
  /** Whether to overwrite a byte on the way, which has to be noticed. */
  readonly corrupt: boolean;
  /** Called once a second. */
  readonly onSample: (sample: Sample, checks: number) => void;
}

/** Runs jobs in scopes of both kinds until the time is over or something is wrong. */
export async function soak({ milliseconds, random, corrupt, onSample }: Plan): Promise<Outcome> {
  const samples: Sample[] = [];
  const runs = new Map(JOBS.map(({ name }) => [name, 0]));
  const wrong = new Map<string, number>();
  let checks = 0;
  const context: Context = {
    random,
    length: () => Math.floor(SHORTEST * 2 ** (DOUBLINGS * random() ** 2)),
    check: (right, what) => {
      checks++;
      if (!right) wrong.set(what, (wrong.get(what) ?? 0) + 1);
    },
  };

  for (const job of JOBS) await job.start?.();
  // An array that can be overwritten, however few jobs a slow machine has time for.
  if (corrupt) await arena(() => escapes.run(context));
  const start = performance.now();
  const sampling = setInterval(() => {
    const sample = takeSample((performance.now() - start) / 1000);
    samples.push(sample);
    onSample(sample, checks);
  }, SAMPLE_INTERVAL);
  const clearing = setInterval(clearArenaPool, CLEAR_INTERVAL);
  const corrupting = setInterval(() => {
    if (!corrupt || corruptOne()) clearInterval(corrupting);
  }, milliseconds / 4);

  const runJobs = async () => {
    while (performance.now() - start < milliseconds && wrong.size === 0) {
      const job = JOBS[Math.floor(random() * JOBS.length)] as Job;
      const release = random() < 0.5 ? 'exit' : 'collected';
      await arena(() => job.run(context), { release });
      runs.set(job.name, (runs.get(job.name) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: TOGETHER }, runJobs));
  } finally {
    clearInterval(sampling);
    clearInterval(clearing);
    clearInterval(corrupting);
    for (const job of JOBS) await job.stop?.(context);
  }
  return { samples, runs, checks, wrong };
}
