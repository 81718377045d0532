import { MIB, type Settings } from '../settings.js';
import { AskedProcess } from './asked-process.js';
import type { Answer, Request } from './operation.js';

// Memory that malloc has got stays with it. Otherwise the layout of the heap, which nobody decides,
// makes it return and fetch pages all the time in one process and never in the next.
const STEADY_MALLOC = {
  MALLOC_TRIM_THRESHOLD_: `${1024 * MIB}`,
  MALLOC_MMAP_THRESHOLD_: `${1024 * MIB}`,
};

/** A process that measures one operation, see {@link answerRequests}. */
export class OperationProcess {
  readonly #process: AskedProcess<Request, Answer>;

  /**
   * @param program - compiled file that calls {@link answerRequests}
   * @param nodeOptions - for Node, before the program
   */
  constructor(program: string, operation: string, nodeOptions: readonly string[] = []) {
    this.#process = new AskedProcess(program, [operation], operation, {
      nodeOptions,
      env: STEADY_MALLOC,
    });
  }

  /** @returns nanoseconds that one iteration takes when warm, roughly */
  warmUp({ millisecondsPerTurn }: Settings): Promise<number> {
    return this.#ask({ warmUpMilliseconds: 40 * millisecondsPerTurn });
  }

  /** @returns nanoseconds for one iteration */
  run(iterations: number): Promise<number> {
    return this.#ask({ iterations });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #ask(request: Request): Promise<number> {
    const { nanosecondsPerIteration } = await this.#process.ask(request);
    return nanosecondsPerIteration;
  }
}

/** How many iterations fill a turn. */
export function iterationsFor(nanoseconds: number, { millisecondsPerTurn }: Settings): number {
  // What took no time by the clock takes some nevertheless.
  return Math.max(1, Math.round((millisecondsPerTurn * 1e6) / Math.max(nanoseconds, 1)));
}
