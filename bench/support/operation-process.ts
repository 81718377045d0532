import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { MIB, type Settings } from '../settings.js';
import type { Answer, Request } from './operation.js';

// Memory that malloc has got stays with it. Otherwise the layout of the heap, which nobody decides,
// makes it return and fetch pages all the time in one process and never in the next.
const STEADY_MALLOC = {
  MALLOC_TRIM_THRESHOLD_: `${1024 * MIB}`,
  MALLOC_MMAP_THRESHOLD_: `${1024 * MIB}`,
};

/** A process that measures one operation, see {@link answerRequests}. */
export class OperationProcess {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  /**
   * @param program - compiled file that calls {@link answerRequests}
   * @param nodeOptions - for Node, before the program
   */
  constructor(program: string, operation: string, nodeOptions: readonly string[] = []) {
    this.#child = fork(program, [operation], {
      execArgv: [...nodeOptions],
      env: { ...process.env, ...STEADY_MALLOC },
    });
    this.#died = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process measuring ${operation} ended with ${code ?? signal}`);
    });
    // Once it has been told to stop, nobody waits for it.
    this.#died.catch(() => {});
  }

  /** @returns nanoseconds that one iteration takes when warm, roughly */
  warmUp({ millisecondsPerTurn }: Settings): Promise<number> {
    return this.#ask({ warmUpMilliseconds: 40 * millisecondsPerTurn });
  }

  /** @returns nanoseconds for one iteration */
  run(iterations: number): Promise<number> {
    return this.#ask({ iterations });
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #ask(request: Request): Promise<number> {
    // A process that cannot be told anything has ended, and its end says more.
    this.#child.send(request, () => {});
    const answered = once(this.#child, 'message') as Promise<[Answer]>;
    const [{ nanosecondsPerIteration }] = await Promise.race([answered, this.#died]);
    return nanosecondsPerIteration;
  }
}

/** How many iterations fill a turn. */
export function iterationsFor(nanoseconds: number, { millisecondsPerTurn }: Settings): number {
  return Math.max(1, Math.round((millisecondsPerTurn * 1e6) / nanoseconds));
}
