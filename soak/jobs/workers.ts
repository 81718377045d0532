import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';
import type { Answer, Question } from '../worker.js';

const PROGRAM = join(__dirname, '../worker.js');
const THREADS = 2;
// Of the runs; the others ask threads that stay.
const SHORT_LIVED = 0.05;
const LONGEST = 300_000;

/** A thread that answers questions in any order. */
class Thread {
  readonly #worker = new Worker(PROGRAM);
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #questions = 0;

  constructor() {
    this.#worker.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  ask(array: Uint8Array): Promise<Answer> {
    const question: Question = { id: this.#questions++, array };
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(question.id, resolve));
    this.#worker.postMessage(question);
    return answered;
  }

  end(): Promise<number> {
    return this.#worker.terminate();
  }
}

const threads: Thread[] = [];

async function run({ random, length, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const array = fill(new Uint8Array(Math.min(length(), LONGEST)), seed);
  if (random() < SHORT_LIVED) {
    // Ended while it works.
    const worker = new Worker(PROGRAM);
    worker.postMessage({ id: 0, array } satisfies Question);
    await once(worker, 'online');
    await new Promise((resolve) => setTimeout(resolve, random() * 100));
    await worker.terminate();
    return;
  }
  const thread = threads[Math.floor(random() * THREADS)] as Thread;
  const { inverted, right } = await thread.ask(array);
  check(right, 'an array of a worker was not as it should be');
  check(
    holds(
      inverted.map((byte) => ~byte),
      seed,
    ),
    'a worker answered with other bytes',
  );
  check(holds(array, seed), 'an array has changed while a worker read its copy');
}

/** Threads with arenas of their own: some that stay, and some that are ended while they work. */
export const workers: Job = {
  name: 'workers',
  start: async () => {
    for (let i = 0; i < THREADS; i++) threads.push(new Thread());
  },
  run,
  stop: async () => {
    await Promise.all(threads.splice(0).map((thread) => thread.end()));
  },
};
