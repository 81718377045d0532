import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answer, Job, Pass } from './messages.js';

const TIMEOUT = 60_000;
// A process is replaced after so many tests, for whatever they have left behind on the heap.
const JOBS_PER_PROCESS = 400;

/** Where tests run: processes of one pass, each used by one job at a time. */
export class RunnerPool {
  readonly #root: string;
  readonly #pass: Pass;
  readonly #idle: { child: ChildProcess; jobs: number }[] = [];

  constructor(root: string, pass: Pass) {
    this.#root = root;
    this.#pass = pass;
  }

  #start(): { child: ChildProcess; jobs: number } {
    const child = fork(join(__dirname, 'runner.js'), [this.#root, this.#pass], {
      execArgv: ['--expose-gc', '--experimental-vm-modules', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return { child, jobs: 0 };
  }

  /** @returns why the test failed, undefined when it passed */
  async run(job: Job): Promise<string | undefined> {
    const runner = (job.alone ? undefined : this.#idle.pop()) ?? this.#start();
    const { child } = runner;
    const answer = await answerOf(child, job);
    runner.jobs++;
    if (answer.reusable && runner.jobs < JOBS_PER_PROCESS) this.#idle.push(runner);
    else child.kill('SIGKILL');
    return answer.failure;
  }

  /** Ends all processes. */
  close(): void {
    for (const { child } of this.#idle.splice(0)) child.kill('SIGKILL');
  }
}

async function answerOf(child: ChildProcess, job: Job): Promise<Answer> {
  child.send(job);
  const over = new AbortController();
  const { signal } = over;
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([answer]) => answer as Answer),
      once(child, 'exit', { signal }).then(([status, killedBy]) => ({
        failure: `the process ended: ${killedBy ?? `exit status ${status}`}`,
        reusable: false,
      })),
    ]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
