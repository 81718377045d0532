import { spawn } from 'node:child_process';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { arenaMappedBytes, collectGarbage, residentMiB } from './memory.js';
import { fillPattern, holdsPattern } from './pattern.js';
import { packageRoot } from './run.js';
import { scramble } from './scramble.js';
import { messageOf, taskCpus, waitSync } from './tasks.js';

const helpers = {
  arenaMappedBytes,
  collectGarbage,
  fillPattern,
  holdsPattern,
  messageOf,
  residentMiB,
  scramble,
  startWorker,
  taskCpus,
  waitSync,
};

/** What a program that runs elsewhere has to work with: the package and the helpers. */
export type Kit = typeof import('arena-pirate') & typeof helpers;

/**
 * Code for another process or thread. It travels as source text: it may use its parameters, the
 * globals and `require`, and nothing of the file it stands in.
 */
// biome-ignore lint/suspicious/noExplicitAny: each caller's own
export type Program<Args extends readonly any[], Result> = (kit: Kit, ...args: Args) => Result;

/** How and in what surroundings a child process runs. */
export interface ChildOptions {
  /** Flags for node. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs the rest of its command line. */
  readonly launcher?: readonly string[];
  /** The package to load. @defaultValue `'arena-pirate'` */
  readonly package?: string;
  /** Functions to add to the kit; they refer to nothing outside. */
  readonly extras?: object;
  /** @defaultValue the repository's top folder */
  readonly cwd?: string;
  /** Milliseconds after which it is killed. @defaultValue 60000 */
  readonly timeout?: number;
}

/** How a child process ended. */
export interface ChildResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program wrote to file descriptor 3. */
  readonly answer: string;
}

const CHILD_TIMEOUT = 60_000;

/**
 * Every collection moves what it can. Compiling stays on the main thread, for a compiler thread
 * that waits for a collection as the program ends waits for ever: Node waits for the thread
 * (https://github.com/nodejs/node/issues/54918).
 */
export const STRESS_COMPACTION = ['--stress-compaction', '--no-concurrent-recompilation'];

// The text stays at hand in the other process, for the workers that it starts.
function kitSource(packageName: string, extras: object): string {
  const parts = Object.entries({ ...helpers, ...extras }).map(
    ([name, helper]) => `${name}: ${helper}`,
  );
  const kit = `({ ...require(${JSON.stringify(packageName)}), ${parts.join(',\n')} })`;
  return `globalThis.kitSource = ${JSON.stringify(kit)};`;
}

/** Starts a worker that runs a program; for use in child processes, where it is part of the kit. */
export function startWorker<Args extends readonly unknown[]>(
  program: Program<Args, unknown>,
  options: WorkerOptions = {},
  ...args: Args
): Worker {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { kitSource } = globalThis as unknown as { kitSource: string };
  const source = `globalThis.kitSource = ${JSON.stringify(kitSource)};
    (${program})(eval(kitSource), ...${JSON.stringify(args)});`;
  return new threads.Worker(source, { ...options, eval: true });
}

/** Runs a command to its end without blocking; file descriptor 3 is a pipe of its own. */
export function runChild(
  command: readonly string[],
  options: ChildOptions = {},
): Promise<ChildResult> {
  const [file, ...args] = [...(options.launcher ?? []), ...command] as [string, ...string[]];
  const child = spawn(file, args, {
    cwd: options.cwd ?? packageRoot,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: options.timeout ?? CHILD_TIMEOUT,
    killSignal: 'SIGKILL',
  });
  const output = child.stdio.slice(1).map((stream) => {
    const chunks: Buffer[] = [];
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const [stdout, stderr, answer] = output.map((chunks) => Buffer.concat(chunks).toString()) as [
        string,
        string,
        string,
      ];
      resolve({ status, signal, stdout, stderr, answer });
    });
  });
}

/**
 * The source text that runs a program and writes what it returns, as JSON, to file descriptor 3.
 *
 * @param extras - functions to add to the kit; they refer to nothing outside
 */
export function programSource<Args extends readonly unknown[]>(
  // biome-ignore lint/suspicious/noExplicitAny: a kit with the caller's extras
  program: (kit: any, ...args: Args) => unknown,
  args: Args,
  {
    package: packageName = 'arena-pirate',
    extras = {},
  }: { package?: string; extras?: object } = {},
): string {
  return `${kitSource(packageName, extras)}
    Promise.resolve((${program})(eval(kitSource), ...${JSON.stringify(args)})).then((result) =>
      require('node:fs').writeSync(3, JSON.stringify(result) ?? 'null'));`;
}

/** Runs a program in a node of its own, to whatever end. */
export function tryInChild<Args extends readonly unknown[], Result>(
  program: Program<Args, Result>,
  options: ChildOptions = {},
  ...args: Args
): Promise<ChildResult> {
  const source = programSource(program, args, options);
  return runChild([process.execPath, ...(options.flags ?? []), '--eval', source], options);
}

/** Runs a program in a node of its own and returns what it returns, by way of JSON. */
export async function inChild<Args extends readonly unknown[], Result>(
  program: Program<Args, Result>,
  options: ChildOptions = {},
  ...args: Args
): Promise<Awaited<Result>> {
  const result = await tryInChild(program, options, ...args);
  if (result.status !== 0 || result.answer === '') {
    const ending = result.signal ?? `exit status ${result.status}`;
    throw new Error(`child process: ${ending}\n${result.stdout}${result.stderr}`);
  }
  return JSON.parse(result.answer);
}
