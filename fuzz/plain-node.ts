import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TIMEOUT = 60_000;

/** Plain Node in a process of its own, which works while this one does. */
export class PlainNode {
  readonly #child: ChildProcess = fork(join(__dirname, 'plain-process.js'), {
    serialization: 'advanced',
  });

  /** Runs a program. One at a time. @returns everything that can be seen of it */
  async answer(source: string, async: boolean): Promise<string> {
    this.#child.send({ source, async });
    const signal = AbortSignal.timeout(TIMEOUT);
    const [answer] = await once(this.#child, 'message', { signal });
    return answer;
  }

  close(): void {
    this.#child.kill();
  }
}
