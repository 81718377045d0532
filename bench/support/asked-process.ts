import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { endWithThis } from './end-with-this.js';

const AS_IN_SERVERS = ['--require', require.resolve('./as-in-servers.js')];

export interface AskedProcessOptions {
  /** For Node, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that answers requests one by one, each with a message. */
export class AskedProcess<Request extends object, Answer> {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  /**
   * @param program - compiled file that answers each message with one
   * @param about - what it does, for the message of the error when it ends
   */
  constructor(
    program: string,
    args: readonly string[],
    about: string,
    { nodeOptions = [], env = {} }: AskedProcessOptions = {},
  ) {
    this.#child = fork(program, [...args], {
      execArgv: [...AS_IN_SERVERS, ...nodeOptions],
      env: { ...process.env, ...env },
    });
    endWithThis(this.#child);
    this.#died = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process measuring ${about} ended with ${code ?? signal}`);
    });
    // Once it has been told to stop, nobody waits for it.
    this.#died.catch(() => {});
  }

  /** @throws Error when the process ends instead of answering */
  async ask(request: Request): Promise<Answer> {
    // A process that cannot be told anything has ended, and its end says more.
    this.#child.send(request, () => {});
    const answered = once(this.#child, 'message') as Promise<[Answer]>;
    const [answer] = await Promise.race([answered, this.#died]);
    return answer;
  }

  /**
   * Resolves once its memory is free again. The process is not asked to end: it would wait for what V8 compiles in the
   * background, and that, on Node 20, now and then for a collection that nobody runs any more (nodejs/node#54918).
   */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#died.catch(() => {});
  }
}

/**
 * The other side of {@link AskedProcess}, for a program that is given its input as JSON. An error goes to standard
 * error and ends the process.
 */
export function answerEach<Input, Request extends object, Answer extends object>(
  begin: (input: Input) => Promise<(request: Request) => Answer | Promise<Answer>>,
): void {
  const answering = begin(JSON.parse(process.argv[2] ?? '') as Input);
  process.on('message', async (request: Request) => {
    const answer = await answering;
    process.send?.(await answer(request));
  });
}
