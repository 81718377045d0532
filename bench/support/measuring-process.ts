import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** How such a process is started. */
export interface MeasuringOptions {
  /** For Node, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that measures what it is told to, see {@link answerEach}. `what` names it in errors. */
export class MeasuringProcess<Request, Answer> {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  /**
   * @param program - compiled file that calls {@link answerEach}
   * @param input - goes there as JSON
   */
  constructor(
    program: string,
    input: unknown,
    what: string,
    { nodeOptions = [], env = {} }: MeasuringOptions = {},
  ) {
    this.#child = fork(program, [JSON.stringify(input)], {
      execArgv: [...nodeOptions],
      env: { ...process.env, ...env },
    });
    this.#died = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process measuring ${what} ended with ${code ?? signal}`);
    });
    // Once it has been told to stop, nobody waits for it.
    this.#died.catch(() => {});
  }

  async ask(request: Request): Promise<Answer> {
    // A process that cannot be told anything has ended, and its end says more.
    this.#child.send(request as object, () => {});
    const answered = once(this.#child, 'message') as Promise<[Answer]>;
    const [answer] = await Promise.race([answered, this.#died]);
    return answer;
  }

  /** Resolves once its memory is free again. */
  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    this.#child.disconnect();
    await this.#died.catch(() => {});
  }
}

/** The other side of {@link MeasuringProcess}. An error goes to standard error and ends the process. */
export function answerEach<Input, Request extends object, Answer extends object>(
  begin: (input: Input) => Promise<(request: Request) => Answer | Promise<Answer>>,
): void {
  const answering = begin(JSON.parse(process.argv[2] ?? '') as Input);
  process.on('message', async (request: Request) => {
    const answer = await answering;
    process.send?.(await answer(request));
  });
}
