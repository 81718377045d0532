import { SECTIONS } from '../sections.js';

// A paragraph for readers who have not read the code. A section that lacks one is told as `--help` tells it.
const EXPLANATIONS: Readonly<Record<string, string>> = {
  allocation:
    'What making an array costs, by size: nothing else is done, or the array is written once, or written and read. ' +
    'Plain Node takes such memory from malloc and leaves it to the garbage collector; arenas cut it from slabs. ' +
    'The floor is a view on memory that is there already, which nothing that gives arrays can beat. The walked floor is ' +
    'the same where only the garbage collector tells that arrays are dead: 8 MB are walked through, and a collection of the ' +
    'young generation comes before they are used again.',
  processes:
    'What else one could do about it without touching a program: another malloc under plain Node, malloc tuned through ' +
    'its environment, a larger or smaller young generation. Each variant is a process of its own.',
  examples:
    'Whole small programs, ported from the Julia package that this one follows. Hand-kept is the same program ' +
    'rewritten to reuse its own buffers, as one does without arenas. All variants give the same bytes.',
  parallel:
    'The same programs on worker threads: plain workers that allocate disturb each other through malloc and the ' +
    'kernel, arenas have memory of their own for each thread.',
  outside:
    'What the package costs code that uses no arenas. Processes with and without it run alternately and do the same ' +
    'operations; 1× means that loading it costs nothing.',
  scopes: 'What it costs to open and leave a scope, apart from what is done in it.',
  memory: 'Resident memory of whole processes: the most it was, and what was left afterwards.',
  libraries:
    'Libraries from npm as they are, which know nothing of arenas, called inside and outside of scopes. The floor is ' +
    'what their allocations leave to gain: each job gets the arrays of its first run again, in zeroed memory that ' +
    'somebody has kept, so that nothing is allocated or collected.',
  server:
    'HTTP servers with live objects on the heap, which they have collected once since: V8 then collects fully when ' +
    'the heap has grown by a tenth, as in servers that have run for minutes. At a fixed rate of requests, latency ' +
    'shows what garbage collection does to the slowest; flat out, throughput shows what it costs in all. Without ' +
    'HTTP, less other garbage is made, and memory of arrays is more of what makes V8 collect fully. The floor is a ' +
    'server that hands each request the arrays it had the first time. The full collection with which V8 looks once in a ' +
    'while whether it can give memory back (--memory-reducer) is off in all of them: it would meet one at random.',
  unused:
    'The same work with the package loaded but no scope open around it: it should cost nothing.',
};

/** What a section of the benchmark measures, in a paragraph. */
export function explain(section: string): string {
  return EXPLANATIONS[section] ?? SECTIONS.find(({ name }) => name === section)?.about ?? '';
}
