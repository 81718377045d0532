import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { endWithThis } from './end-with-this.js';

/**
 * Runs a program of the benchmark in a process of its own: what earlier measurements have taught V8
 * and malloc changes the figures of plain Node most of all.
 *
 * @param program - compiled file that calls {@link answerTask}
 * @param input - goes there as JSON, and what the program answers comes back as JSON
 */
export async function runTask<Input, Output>(program: string, input: Input): Promise<Output> {
  const running = promisify(execFile)(process.execPath, [program, JSON.stringify(input)], {
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  endWithThis(running.child);
  const { stdout } = await running;
  return JSON.parse(stdout) as Output;
}

/** The other side of {@link runTask}. An error goes to standard error and fails the task. */
export async function answerTask<Input, Output>(
  work: (input: Input) => Output | Promise<Output>,
): Promise<void> {
  const input = JSON.parse(process.argv[2] ?? '') as Input;
  console.log(JSON.stringify(await work(input)));
}
