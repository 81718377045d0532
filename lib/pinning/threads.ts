import { readFileSync } from 'node:fs';
import { native } from '../native.js';
import type { HelperPlacement } from './helpers.js';

/** A thread that has loaded arena-pirate. */
export interface JavaScriptThread {
  /** Its place in the order of loading; 0 is the main thread. Numbers of ended threads are used again. */
  readonly thread: number;
  /** The system's id of the thread. */
  readonly tid: number;
}

/** @returns the threads that have loaded arena-pirate, by ascending number */
export function javaScriptThreads(): JavaScriptThread[] {
  const flat = native.threads();
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    thread: flat[2 * i] as number,
    tid: flat[2 * i + 1] as number,
  }));
}

function fileOf(tid: number, name: string): string {
  try {
    return readFileSync(`/proc/self/task/${tid}/${name}`, 'utf8').trim();
  } catch {
    return '';
  }
}

// The fields are counted from behind the name, which may contain anything.
const PROCESSOR = 36;

/** @returns the cpu that a thread runs on or has last run on; undefined when the system does not say */
export function lastCpu(tid: number): number | undefined {
  const stat = fileOf(tid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpu = fields[PROCESSOR] ?? '';
  return /^\d+$/.test(cpu) ? Number(cpu) : undefined;
}

/** @returns all other threads of the process that have not ended meanwhile */
export function helperThreads(): HelperPlacement[] {
  const ours = new Set(javaScriptThreads().map(({ tid }) => tid));
  const others = native.threadIds().filter((tid) => !ours.has(tid));
  return others.flatMap((tid) => {
    const cpus = native.affinity(tid);
    return typeof cpus === 'number' ? [] : { tid, name: fileOf(tid, 'comm'), cpus };
  });
}
