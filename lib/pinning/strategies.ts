import { ArenaError, invalidArgument } from '../errors.js';
import { formatCpuList } from '../topology/cpu-sets.js';
import type { Cpu } from '../topology/types.js';
import { type DomainKind, type Layout, type Ordering, take } from './layout.js';
import { isLikwid, LikwidString } from './likwid.js';
import { placeFrom } from './places.js';
import { shuffle } from './random.js';
import type { Place, PlanOptions, StrategyName } from './types.js';

type Options = Ordering & Pick<PlanOptions, 'seed' | 'current' | 'threads'>;
/** @returns the error for what is not a value but a fact about one */
function refusal(expected: string, received: string): ArenaError {
  return new ArenaError('ERR_ARENA_INVALID_ARG', `Expected ${expected} but received ${received}`);
}

type Strategy = (layout: Layout, options: Options) => readonly Cpu[];

const whole: Strategy = (layout, options) =>
  layout.order(layout.usable, { ...options, compact: false });

const together: Strategy = (layout, options) =>
  layout.order(layout.usable, { ...options, compact: true });

const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  cputhreads: together,
  compact: together,
  cores: whole,
  sockets: (layout, options) => layout.spread('socket', options),
  numa: (layout, options) => layout.spread('numa', options),
  random(layout, { efficiency, seed }) {
    const shuffled = shuffle(layout.usable, seed);
    if (efficiency) return shuffled;
    const is = (kind: string) => shuffled.filter((cpu) => cpu.kind === kind);
    return [...is('performance'), ...is('efficiency')];
  },
  current(layout, { current, threads }) {
    if (Array.isArray(current) && current.length === threads) {
      return Array.from(current, (id) => usableCpu(layout, 'current', id));
    }
    const length = Array.isArray(current) ? `${current.length} of them` : 'none';
    throw refusal(`the cpus of ${threads} thread(s) for current`, length);
  },
  firstn: (layout) => layout.usable,
  affinitymask: whole,
};

const KINDS = `${Object.keys(STRATEGIES)
  .map((name) => `'${name}'`)
  .join(', ')}, a likwid string such as 'S0:0-3@S1:0-3', cpu ids or places such as numa(1)`;

/** @returns the cpu with that number, if this process may use it */
function usableCpu(layout: Layout, name: string, id: unknown): Cpu {
  const cpu = layout.byId.get(id as number);
  if (cpu !== undefined) return cpu;
  const usable = formatCpuList(layout.usable.map((cpu) => cpu.id));
  throw invalidArgument(name, `cpus that this process may use (${usable})`, id);
}

const DOMAINS: Readonly<Record<string, DomainKind>> = {
  socket: 'socket',
  numa: 'numa',
  core: 'core',
  sockets: 'socket',
  numas: 'numa',
};

function placeCpus(layout: Layout, place: Place, options: Options): Cpu[] {
  const { kind, id, members } = place;
  const domain = DOMAINS[kind] as DomainKind;
  const cpus =
    id === undefined ? layout.spread(domain, options) : layout.domain(domain, id, options);
  if (cpus.length === 0) {
    const ids = formatCpuList(layout.domains(domain));
    throw invalidArgument(`${kind}(id)`, `a ${kind} with usable cpus (${ids})`, id);
  }
  return members === undefined
    ? cpus
    : take(cpus, members, (last, place) => {
        throw invalidArgument(`members of ${kind}(${id})`, `places from 0 to ${last}`, place);
      });
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, members = [] } = value as Place;
  if (!Object.hasOwn(DOMAINS, kind) || !Array.isArray(members)) return false;
  return (id === undefined) === kind.endsWith('s');
}

function listed(layout: Layout, list: readonly unknown[], options: Options, at = ''): Cpu[] {
  // Holes, too, are no cpus.
  return Array.from(list).flatMap((item, i) => {
    const name = `strategy${at}[${i}]`;
    if (isPlace(item)) return placeCpus(layout, item, options);
    if (typeof item === 'number') return usableCpu(layout, name, item);
    if (Array.isArray(item) && at === '') return listed(layout, item, options, `[${i}]`);
    const expected = at === '' ? 'a cpu id, a place or a list of those' : 'a cpu id or a place';
    throw invalidArgument(name, expected, item);
  });
}

function requireDistinct(cpus: readonly Cpu[]): readonly Cpu[] {
  if (cpus.length === 0) throw refusal('at least one cpu for strategy', 'an empty list');
  const seen = new Set<Cpu>();
  for (const cpu of cpus) {
    if (seen.has(cpu)) throw refusal('each cpu once for strategy', `cpu ${cpu.id} twice`);
    seen.add(cpu);
  }
  return cpus;
}

/**
 * @returns the cpus that a strategy gives to the first thread, the second and so on
 * @throws {ArenaError} ERR_ARENA_INVALID_ARG when it makes no sense, or not on this machine
 */
export function chooseCpus(strategy: unknown, layout: Layout, options: Options): readonly Cpu[] {
  if (typeof strategy === 'string') {
    if (Object.hasOwn(STRATEGIES, strategy)) {
      return STRATEGIES[strategy as StrategyName](layout, options);
    }
    if (isLikwid(strategy)) {
      const text = new LikwidString(strategy, layout, options);
      return requireDistinct(text.cpus((id) => usableCpu(layout, `strategy '${strategy}'`, id)));
    }
  }
  const place = typeof strategy === 'string' ? placeFrom(strategy) : strategy;
  if (isPlace(place)) return requireDistinct(placeCpus(layout, place, options));
  if (Array.isArray(strategy)) {
    return requireDistinct(listed(layout, strategy, options));
  }
  throw invalidArgument('strategy', KINDS, strategy);
}
