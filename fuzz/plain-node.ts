import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TIMEOUT = 300_000;

/** Plain Node in a process of its own, which works while this one does. */
export class PlainNode {
  readonly #child: ChildProcess = fork(join(__dirname, 'plain-process.js'), {
    serialization: 'advanced',
  });

  readonly #ended = new AbortController();

  constructor() {
    this.#child.once('exit', (status, killedBy) => {
      this.#ended.abort(new Error(`Plain Node has ended: ${killedBy ?? `exit status ${status}`}`));
    });
  }

  /** Runs programs, one after another. @returns everything that can be seen of each */
  async answers(programs: readonly { source: string; async: boolean }[]): Promise<string[]> {
    this.#child.send(programs);
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), this.#ended.signal]);
    const [answers] = await once(this.#child, 'message', { signal });
    return answers;
  }

  close(): void {
    this.#child.kill();
  }
}
