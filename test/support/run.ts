import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** How a child process ended, with what it printed. */
export interface RunResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with which variables a child process runs. */
export interface RunOptions {
  /** @defaultValue the repository's top folder */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

// As from a shell: `npm test` hands its own settings down as npm_* variables, which would steer a
// nested npm.
function shellEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')),
  );
}

/** Runs a program to its end, whatever its exit status. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): RunResult {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd: options.cwd ?? packageRoot,
    env: { ...shellEnvironment(), ...options.env },
    encoding: 'utf8',
  });
  if (error) throw error;
  return { status, signal, stdout, stderr };
}

/** Runs a program that must succeed and returns what it printed on stdout. */
export function runOrThrow(command: string, args: readonly string[], options?: RunOptions): string {
  const result = run(command, args, options);
  if (result.status !== 0) {
    const ending = result.signal ?? `exit status ${result.status}`;
    throw new Error(`${command} ${args.join(' ')}: ${ending}\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}
