import { MIB } from '../settings.js';
import type { AskedProcessOptions } from '../support/asked-process.js';
import { findPreload, MALLOCS } from './preloads.js';

/** A way to start the program. */
export interface ProcessVariant {
  readonly name: string;
  /** Where the arrays come from. */
  readonly release?: 'collected' | 'exit';
  /** A library that has to be in the process. */
  readonly preload?: string;
  readonly start: AskedProcessOptions;
}

/** All variants that this machine has, and why others are left out. */
export interface ProcessVariants {
  readonly variants: readonly ProcessVariant[];
  readonly leftOut: readonly string[];
}

export const BASELINE = 'plain';

// The most that every glibc takes for it.
const MOST_MMAP_THRESHOLD = 32 * MIB;

// Of what malloc is told, one thing at a time.
const TUNED: readonly ProcessVariant[] = [
  tuned('MALLOC_TRIM_THRESHOLD_', 'trim at 1G', 1024 * MIB),
  tuned('MALLOC_MMAP_THRESHOLD_', 'mmap from 32M', MOST_MMAP_THRESHOLD),
  tuned('MALLOC_TOP_PAD_', 'pad of 64M', 64 * MIB),
];

const YOUNG: readonly ProcessVariant[] = [64, 1].map((mebibytes) => ({
  name: `semi-space ${mebibytes}M`,
  start: { nodeOptions: [`--max-semi-space-size=${mebibytes}`] },
}));

const ARENAS: readonly ProcessVariant[] = [
  { name: 'collected', release: 'collected', start: {} },
  { name: 'exit', release: 'exit', start: {} },
];

/** @param fetch - whether to bring other mallocs from Debian where they are not installed */
export async function findVariants(fetch: boolean): Promise<ProcessVariants> {
  const preloaded: ProcessVariant[] = [];
  const leftOut: string[] = [];
  for (const malloc of MALLOCS) {
    const found = await findPreload(malloc, fetch);
    if ('missing' in found) {
      leftOut.push(`${malloc} is left out: ${found.missing}`);
    } else {
      const { library } = found;
      preloaded.push({ name: malloc, preload: library, start: { env: { LD_PRELOAD: library } } });
    }
  }
  return {
    variants: [{ name: BASELINE, start: {} }, ...ARENAS, ...preloaded, ...TUNED, ...YOUNG],
    leftOut,
  };
}

/** Whether its arrays come from arenas: all others are plain Node, started in another way. */
export function isOurs({ release }: ProcessVariant): boolean {
  return release !== undefined;
}

function tuned(variable: string, name: string, bytes: number): ProcessVariant {
  return { name, start: { env: { [variable]: `${bytes}` } } };
}
