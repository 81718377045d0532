import { native } from '../native.js';
import { helperThreads, javaScriptThreads, lastCpu } from '../pinning/threads.js';
import { topologyFrom } from '../topology/read-topology.js';
import { locate } from './locate.js';
import type { ThreadInfo } from './types.js';

function cpusOrUndefined(answer: number[] | number): number[] | undefined {
  return typeof answer === 'number' ? undefined : answer;
}

/**
 * Says what the machine looks like and where on it the threads of this process are. Reads a few files
 * per cpu: milliseconds.
 */
export function threadInfo(): ThreadInfo {
  const topology = topologyFrom('/', cpusOrUndefined(native.startAffinity()));
  const threads = javaScriptThreads().map(({ thread, tid }) => ({
    thread,
    tid,
    cpu: lastCpu(tid),
    affinity: cpusOrUndefined(native.affinity(tid)),
  }));
  return { topology, threads: locate(topology, threads), helpers: helperThreads() };
}
