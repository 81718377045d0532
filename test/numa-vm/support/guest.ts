// What programs in a virtual machine work with. As source text, like test/support/memory.ts: the
// functions refer to nothing outside.

import type { GuestKit, GuestProgram } from './vm.js';

/** Where arenas lie: bytes in memory by NUMA node, and the policies of their mappings. */
export interface ArenaMemory {
  readonly bytes: Record<number, number>;
  readonly policies: string[];
}

/** Asks the kernel, not arena-pirate, for all arenas of the process. */
export function arenaMemory(): ArenaMemory {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  // Debian's kernel has no names for mappings, but nothing else in Node asks for huge pages.
  const arenas = new Set<string>();
  let start = '';
  for (const line of readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
    start = /^(\w+)-\w+ /.exec(line)?.[1] ?? start;
    if (/^VmFlags:.* hg( |$)/.test(line)) arenas.add(start);
  }
  const bytes: Record<number, number> = {};
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
    readdirSync('/proc/self/task').map((tid) => {
      const status = readFileSync(`/proc/self/task/${tid}/status`, 'latin1');
      return [tid, /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''];
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

export const guestHelpers = { affinities, arenaMemory, moveThread, startCrew, threadId };
