// What programs in a virtual machine work with. As source text, like test/support/memory.ts: the
// functions refer to nothing outside.

import type { Release } from 'arena-pirate';
import type { GuestKit, GuestProgram } from './vm.js';

/** Bytes in memory, by the id of the NUMA node. */
export type BytesByNode = Record<number, number>;

/** Where arenas lie: bytes in memory by NUMA node, and the policies of their mappings. */
export interface ArenaMemory {
  readonly bytes: BytesByNode;
  readonly policies: string[];
}

/** Asks the kernel, not arena-pirate, for all arenas of the process. */
export function arenaMemory(): ArenaMemory {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  // Debian's kernel has no names for mappings, but nothing else in Node maps multiples of 128 MiB
  // readable and writable.
  const arenas = new Set<string>();
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [, start = '', end = ''] = /^(\w+)-(\w+) rw-p 00000000 00:00 0 *$/.exec(line) ?? [];
    const length = Number.parseInt(end, 16) - Number.parseInt(start, 16);
    if (length > 0 && length % (128 * 2 ** 20) === 0) arenas.add(start);
  }
  const bytes: BytesByNode = {};
  const policies = new Set<string>();
  for (const line of readFileSync('/proc/self/numa_maps', 'latin1').split('\n')) {
    const [address = '', policy = '', ...fields] = line.split(' ');
    if (!arenas.has(address)) continue;
    policies.add(policy);
    const page = Number(/kernelpagesize_kB=(\d+)/.exec(line)?.[1] ?? 0) * 1024;
    for (const field of fields) {
      const [, node, pages] = /^N(\d+)=(\d+)$/.exec(field) ?? [];
      if (node !== undefined) bytes[+node] = (bytes[+node] ?? 0) + Number(pages) * page;
    }
  }
  return { bytes, policies: [...policies] };
}

/** The cpus that each thread of this process may run on, by thread id. */
export function affinities(): Record<number, string> {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
  return Object.fromEntries(
    readdirSync('/proc/self/task').flatMap((tid) => {
      try {
        const status = readFileSync(`/proc/self/task/${tid}/status`, 'latin1');
        return [[tid, /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '']];
      } catch {
        // The thread has ended.
        return [];
      }
    }),
  );
}

/** Moves a thread as an administrator would, without arena-pirate's knowing. */
export function moveThread(tid: number, cpus: readonly number[]): void {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const mask = cpus.reduce((bits, cpu) => bits | (1 << cpu), 0);
  execFileSync('taskset', ['-p', mask.toString(16), `${tid}`], { stdio: 'ignore' });
}

/** The kernel's id of the calling thread. */
export function threadId(): number {
  const { readlinkSync } = process.getBuiltinModule('node:fs');
  return Number(readlinkSync('/proc/thread-self').split('/').pop());
}

/** Runs commands of the shell, as root, and returns what they print. */
export function shell(commands: string): string {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  return execFileSync('sh', ['-ec', commands], { encoding: 'utf8' });
}

/**
 * Has a process of its own run a function with the package.
 *
 * @param setting - shell commands that the process goes on from
 * @returns what the function returns, by way of JSON
 */
export function inProcess<Result>(
  setting: string,
  program: (pirate: typeof import('arena-pirate')) => Result,
): Awaited<Result> {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const source = `Promise.resolve((${program})(require('arena-pirate'))).then((result) =>
    console.log(JSON.stringify(result)));`;
  const output = execFileSync('sh', ['-ec', `${setting}\nexec node -e "$0"`, source], {
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

/** A JavaScript thread that runs what it is given. */
export interface CrewMember {
  /** The kernel's id of it. */
  readonly tid: number;
  run<Args extends readonly unknown[], Result>(
    program: GuestProgram<Args, Result | Promise<Result>>,
    ...args: Args
  ): Promise<Result>;
}

/** The main thread and then workers, which load arena-pirate one after another. */
export async function startCrew(kit: GuestKit, workers: number): Promise<CrewMember[]> {
  const { once } = process.getBuiltinModule('node:events');
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const { kitSource } = globalThis as unknown as { kitSource: string };
  const source = `globalThis.kitSource = ${JSON.stringify(kitSource)};
    const kit = eval(kitSource);
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', async ({ program, args }) => {
      parentPort.postMessage({ result: await eval('(' + program + ')')(kit, ...args) });
    });
    parentPort.postMessage({ result: kit.threadId() });`;

  const crew: CrewMember[] = [
    { tid: kit.threadId(), run: async (program, ...args) => program(kit, ...args) },
  ];
  for (let i = 0; i < workers; i++) {
    const worker = new Worker(source, { eval: true });
    worker.unref();
    // A worker that fails makes this reject.
    const answer = async () => (await once(worker, 'message'))[0].result;
    crew.push({
      tid: await answer(),
      run: (program, ...args) => {
        worker.postMessage({ program: `${program}`, args });
        return answer();
      },
    });
  }
  return crew;
}

/** Writes to arrays of one scope, at least so many bytes; `'collected'` ones are kept. */
export function fill({ arena, isArenaArray }: GuestKit, release: Release, bytes: number): void {
  const keep = arena(
    () => {
      const arrays = [];
      for (let filled = 0; filled < bytes; filled += 2 ** 18) {
        const array = new Uint8Array(2 ** 18).fill(1);
        if (!isArenaArray(array)) throw new Error('this array is in no arena');
        arrays.push(array);
      }
      return release === 'collected' ? arrays : undefined;
    },
    { release },
  );
  const holder = globalThis as unknown as { kept?: unknown[] };
  holder.kept = [...(holder.kept ?? []), keep];
}

/** Lets go of what {@link fill} has kept. */
export function drop(): void {
  Object.assign(globalThis, { kept: [] });
}

export const guestHelpers = {
  affinities,
  arenaMemory,
  drop,
  fill,
  inProcess,
  moveThread,
  shell,
  startCrew,
  threadId,
};
