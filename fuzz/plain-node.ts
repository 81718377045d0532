import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TIMEOUT = 300_000;

/** Plain Node in a process of its own, which works while this one does. */
export class PlainNode {
  readonly #child: ChildProcess = fork(join(__dirname, 'plain-process.js'), {
    serialization: 'advanced',
  });

  /** Runs programs, one after another. @returns everything that can be seen of each */
  async answers(programs: readonly { source: string; async: boolean }[]): Promise<string[]> {
    this.#child.send(programs);
    const signal = AbortSignal.timeout(TIMEOUT);
    const [answers] = await once(this.#child, 'message', { signal });
    return answers;
  }

  close(): void {
    this.#child.kill();
  }
}
