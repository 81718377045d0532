/**
 * Where the memory of a server's requests comes from: V8, arenas, arrays that each request is handed again, or, as a
 * control, V8 once more. The package is loaded for arenas only.
 */
export type ServerVariant = (typeof SERVER_VARIANTS)[number];
export const OURS = ['collected', 'exit'] as const;
export const SERVER_VARIANTS = ['plain', ...OURS, 'floor', 'plain again'] as const;

/** What a server is told. */
export type Order = 'settle' | 'begin' | 'end' | WorkAlone;

/** To do the work of requests, one after the other, with nothing of HTTP. */
export interface WorkAlone {
  readonly milliseconds: number;
}

/** What a server says: first where it listens, then an answer to each order. */
export type Report = { readonly port: number } | 'settled' | 'begun' | Observed | WorkedAlone;

/** What a server has seen of itself between `'begin'` and `'end'`. Times in nanoseconds, memory in bytes. */
export interface Observed {
  readonly markCompacts: number;
  readonly gcTime: number;
  readonly longestPause: number;
  /** Resident memory at its highest. */
  readonly resident: number;
  /** The most that the process ever had. */
  readonly peak: number;
  /** Arrays that arenas served. */
  readonly captured: number;
}

export interface WorkedAlone extends Observed {
  /** What the work of each request took. */
  readonly nanoseconds: readonly number[];
}
