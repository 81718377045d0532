import type { Cpu, Topology } from '../topology/types.js';

/** Parts of a machine that threads are spread over or put into. */
export type DomainKind = 'socket' | 'die' | 'cache' | 'numa' | 'core';

/** How cpus are put in order. */
export interface Ordering {
  /** Hardware threads of a core one after another, not after all cores. */
  readonly compact: boolean;
  /** Efficiency cores among the others, not after them. */
  readonly efficiency: boolean;
}

/** Tells the domain of a cpu by its id. */
type DomainOf = (cpu: Cpu) => number;

function groupBy<K>(cpus: readonly Cpu[], keyOf: (cpu: Cpu) => K): Map<K, Cpu[]> {
  const groups = new Map<K, Cpu[]>();
  for (const cpu of cpus) {
    const key = keyOf(cpu);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cpu]);
    else group.push(cpu);
  }
  return groups;
}

/** @returns the part that each of `cpus` is in, where that is said of all of them; else its socket */
function partOf(
  parts: readonly { readonly id: number; readonly cpus: readonly number[] }[] | undefined,
  cpus: readonly Cpu[],
): DomainOf {
  const ids = new Map(parts?.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id])));
  if (!cpus.every(({ id }) => ids.has(id))) return (cpu) => cpu.socket;
  return (cpu) => ids.get(cpu.id) as number;
}

/** The usable cpus of a machine in the orders that strategies need. */
export class Layout {
  /** By ascending id. */
  readonly usable: readonly Cpu[];
  /** The usable cpus, by id. */
  readonly byId: ReadonlyMap<number, Cpu>;
  /** By a cpu's id: how many of the usable cpus of its core come before it. */
  readonly #threads = new Map<number, number>();

  readonly #domainOf: Readonly<Record<DomainKind, DomainOf>>;

  constructor(topology: Topology) {
    this.usable = topology.cpus.filter((cpu) => cpu.usable).sort((a, b) => a.id - b.id);
    this.byId = new Map(this.usable.map((cpu) => [cpu.id, cpu]));
    this.#domainOf = {
      socket: (cpu) => cpu.socket,
      die: partOf(topology.dies, this.usable),
      cache: partOf(topology.caches, this.usable),
      numa: (cpu) => cpu.numaNode,
      core: (cpu) => cpu.core,
    };
    for (const [, cpus] of groupBy(this.usable, (cpu) => cpu.core)) {
      for (const [i, cpu] of cpus.entries()) this.#threads.set(cpu.id, i);
    }
  }

  // First by what is to be used before what, then by where it is.
  #key(cpu: Cpu, { compact, efficiency }: Ordering): readonly number[] {
    const thread = this.#threads.get(cpu.id) as number;
    const kind = cpu.kind === 'efficiency' && !efficiency ? 1 : 0;
    const place = [cpu.socket, cpu.numaNode, cpu.core, thread];
    return compact ? [kind, 0, ...place] : [kind, thread, ...place];
  }

  /** @returns `cpus` in the order in which threads should take them */
  order(cpus: readonly Cpu[], ordering: Ordering): Cpu[] {
    const keyed = cpus.map((cpu) => ({ cpu, key: this.#key(cpu, ordering) }));
    keyed.sort((a, b) => {
      const i = a.key.findIndex((part, at) => part !== b.key[at]);
      return i < 0 ? 0 : (a.key[i] as number) - (b.key[i] as number);
    });
    return keyed.map(({ cpu }) => cpu);
  }

  /** @returns the ids of the domains that have usable cpus, ascending */
  domains(kind: DomainKind): number[] {
    return [...new Set(this.usable.map(this.#domainOf[kind]))].sort((a, b) => a - b);
  }

  /** @returns the usable cpus of a domain, in order */
  domain(kind: DomainKind, id: number, ordering: Ordering): Cpu[] {
    const domainOf = this.#domainOf[kind];
    return this.order(
      this.usable.filter((cpu) => domainOf(cpu) === id),
      ordering,
    );
  }

  /**
   * @returns all usable cpus, each from the domain that has given the fewest so far: round robin where
   * domains are alike. No hardware thread comes before a whole core, even of another domain.
   */
  spread(kind: DomainKind, ordering: Ordering): Cpu[] {
    const given = new Map(this.domains(kind).map((id) => [id, 0]));
    const phase = (cpu: Cpu) => this.#key(cpu, ordering).slice(0, 2).join();
    const phases = groupBy(this.order(this.usable, ordering), phase);
    return [...phases.values()].flatMap((cpus) => {
      const queues = groupBy(cpus, this.#domainOf[kind]);
      return cpus.map(() => {
        let least: number | undefined;
        for (const [id, count] of given) {
          if (!queues.get(id)?.length) continue;
          if (least === undefined || count < (given.get(least) as number)) least = id;
        }
        given.set(least as number, (given.get(least as number) as number) + 1);
        return queues.get(least as number)?.shift() as Cpu;
      });
    });
  }
}

/**
 * @param outside called with the last place there is and the one asked for
 * @returns the cpus at those places
 */
export function take(
  cpus: readonly Cpu[],
  places: readonly number[],
  outside: (last: number, place: number) => never,
): Cpu[] {
  return Array.from(places, (place) => cpus[place] ?? outside(cpus.length - 1, place));
}
