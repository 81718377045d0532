import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { KEEP_ARRAYS } from '../libraries/process.js';
import type { AppName } from './apps/all.js';
import type { Observed, Order, Report, ServerVariant, WorkedAlone } from './messages.js';

const PROGRAM = require.resolve('./server.js');
// Looks every 8 s, and 100 s after a full collection whatever else is going on, whether one more would give memory
// back. That one stalls a server for 0.3–0.5 s, once in the life of each, with the package and without; in the minute
// that is measured it would meet whichever happens to be under load just then.
const WITHOUT_MEMORY_REDUCER = '--no-memory-reducer';

/** A server of one variant in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  private constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#died = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the server of ${what} ended with ${code ?? signal}`);
    });
    // Once it has been told to stop, nobody waits for it.
    this.#died.catch(() => {});
  }

  /** @returns the server and where it listens, such as `http://127.0.0.1:4567` */
  static async start(
    variant: ServerVariant,
    app: AppName,
    live: number,
  ): Promise<{ server: ServerProcess; origin: string }> {
    const child = fork(PROGRAM, [variant, app, `${live}`], {
      execArgv: [WITHOUT_MEMORY_REDUCER, ...(variant === 'floor' ? KEEP_ARRAYS : [])],
    });
    const server = new ServerProcess(child, `${app}, ${variant}`);
    const { port } = (await server.#report()) as Extract<Report, { port: number }>;
    return { server, origin: `http://127.0.0.1:${port}` };
  }

  /**
   * Brings the heap to where it is once a server has run for minutes. V8 collects fully when the heap has
   * grown by a share that depends on how fast it has grown in the last five seconds: to twice its size
   * where the live objects were made in them, by a tenth later.
   */
  async settle(): Promise<void> {
    await this.#ask('settle');
  }

  /** What happens to the server while `load` runs. */
  async observe<T>(load: () => Promise<T>): Promise<{ observed: Observed; result: T }> {
    await this.#ask('begin');
    const result = await Promise.race([load(), this.#died]);
    return { observed: (await this.#ask('end')) as Observed, result };
  }

  /** Has the server do the work of requests without any. */
  async workAlone(milliseconds: number): Promise<WorkedAlone> {
    return (await this.#ask({ milliseconds })) as WorkedAlone;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #ask(order: Order): Promise<Report> {
    // A process that cannot be told anything has ended, and its end says more.
    this.#child.send(order, () => {});
    return this.#report();
  }

  async #report(): Promise<Report> {
    const reported = once(this.#child, 'message') as Promise<[Report]>;
    const [report] = await Promise.race([reported, this.#died]);
    return report;
  }
}
