import { ArenaError, getAffinity, setAffinity } from 'arena-pirate';
import { pause } from './pause.js';
import { stolenMilliseconds } from './stolen.js';

/** How calm the machine was at the steps of a run. */
export interface Calm {
  /** How often the cpus were looked at. */
  readonly looks: number;
  /** How often one of them was found slowed by more than {@link MOST_SLOWDOWN}. */
  readonly disturbed: number;
  readonly waitedSeconds: number;
  /** For which the hypervisor kept cpus from running, all together; 0 where the system does not tell. */
  readonly stolenSeconds: number;
}

/** Of the time that the same work takes when nobody disturbs it. */
const MOST_SLOWDOWN = 1.15;
/** More cpus than that are more than any process of the benchmark uses at a time. */
const MOST_CPUS = 8;
const TRIES = 3;
const FIRST_LOOKS = 40;
const PAUSE_MILLISECONDS = 200;
const LONGEST_WAIT_MILLISECONDS = 3000;

/**
 * Finds out whether something outside slows the cpus, other programs or the neighbours of a virtual
 * machine, whose threads share its cores: load averages tell nothing of those. It waits a while for
 * them to finish.
 */
export class CalmWatch {
  readonly #cpus = cpusToWatch();
  // The least time that the work has taken on each.
  readonly #best = new Map<number | 'any', number>();
  #patience: number;
  #looks = 0;
  #disturbed = 0;
  #waited = 0;
  readonly #stolenBefore = stolenMilliseconds();

  /** @param patience - how many milliseconds it may wait in all */
  constructor(patience: number) {
    this.#patience = patience;
    for (let i = 0; i < FIRST_LOOKS; i++) this.#slowdown();
  }

  /** Waits for calm, in vain if it has to. */
  settle(): void {
    this.#looks++;
    if (this.#slowdown() <= MOST_SLOWDOWN) return;
    this.#disturbed++;
    if (this.#patience === 0) return;
    const end = performance.now() + Math.min(this.#patience, LONGEST_WAIT_MILLISECONDS);
    const start = performance.now();
    do pause(PAUSE_MILLISECONDS);
    while (performance.now() < end && this.#slowdown() > MOST_SLOWDOWN);
    const waited = performance.now() - start;
    this.#waited += waited;
    this.#patience = Math.max(0, this.#patience - waited);
  }

  get result(): Calm {
    return {
      looks: this.#looks,
      disturbed: this.#disturbed,
      waitedSeconds: inSeconds(this.#waited),
      stolenSeconds: inSeconds(stolenMilliseconds() - this.#stolenBefore),
    };
  }

  /** How many times as long as usual the work takes on the slowest cpu. */
  #slowdown(): number {
    if (this.#cpus.length === 0) return this.#slowdownOf('any');
    const all = getAffinity();
    try {
      return Math.max(
        ...this.#cpus.map((cpu) => {
          setAffinity([cpu]);
          return this.#slowdownOf(cpu);
        }),
      );
    } finally {
      // Children run where their parent may.
      setAffinity(all);
    }
  }

  #slowdownOf(cpu: number | 'any'): number {
    const times = Array.from({ length: TRIES }, timeOfWork);
    const best = Math.min(this.#best.get(cpu) ?? Number.POSITIVE_INFINITY, ...times);
    this.#best.set(cpu, best);
    return Math.min(...times) / best;
  }
}

/** None where threads cannot be placed: then it looks at the cpu that it happens to run on. */
function cpusToWatch(): number[] {
  try {
    const cpus = getAffinity();
    setAffinity(cpus);
    return cpus.slice(0, MOST_CPUS);
  } catch (error) {
    if (error instanceof ArenaError && error.code === 'ERR_ARENA_UNSUPPORTED') return [];
    throw error;
  }
}

/** Milliseconds for work that keeps all units of a core busy, which a neighbour on the same core shares. */
function timeOfWork(): number {
  const start = performance.now();
  let [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6];
  for (let i = 0; i < 300_000; i++) {
    a = (a + i) | 0;
    b ^= i;
    c = (c - i) | 0;
    d = (d + a) | 0;
    e ^= b;
    f = (f + c) | 0;
  }
  sink = a + b + c + d + e + f;
  return performance.now() - start;
}

/** Keeps the work from being left out. */
export let sink = 0;

function inSeconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toFixed(1));
}
