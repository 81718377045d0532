import { MIB, type Profile } from '../settings.js';

/** How long the servers are under load, and how much they hold meanwhile. */
export interface ServerSizes {
  /** Bytes of live objects in each server. */
  readonly live: number;
  readonly rounds: number;
  /** What they may take with the start before there are fewer, see rounds-within.ts, and no loads are done again. */
  readonly milliseconds?: number | undefined;
  readonly warmUpSeconds: number;
  readonly fixedRateSeconds: number;
  readonly flatOutSeconds: number;
  /** Without HTTP. */
  readonly aloneSeconds: number;
  /** How many loads at the fixed rate may be done again at most. */
  readonly mostRepeated: number;
}

const standard: ServerSizes = {
  live: 300 * MIB,
  rounds: 4,
  milliseconds: 88_000,
  warmUpSeconds: 0.75,
  fixedRateSeconds: 2.5,
  flatOutSeconds: 0.6,
  aloneSeconds: 0.5,
  mostRepeated: 4,
};

export const SERVER_SIZES: Readonly<Record<Profile, ServerSizes>> = {
  full: {
    ...standard,
    rounds: 15,
    milliseconds: undefined,
    flatOutSeconds: 0.8,
    aloneSeconds: 0.6,
    mostRepeated: 20,
  },
  standard,
  quick: {
    ...standard,
    // Making more takes longer than the load.
    live: 40 * MIB,
    rounds: 1,
    warmUpSeconds: 0.2,
    fixedRateSeconds: 0.5,
    flatOutSeconds: 0.2,
    aloneSeconds: 0.2,
    mostRepeated: 1,
  },
  smoke: {
    live: 4 * MIB,
    rounds: 1,
    warmUpSeconds: 0.05,
    fixedRateSeconds: 0.2,
    flatOutSeconds: 0.1,
    aloneSeconds: 0.1,
    mostRepeated: 0,
  },
};
