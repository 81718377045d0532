import { invalidArgument } from '../errors.js';
import { formatCpuList } from '../topology/cpu-sets.js';
import type { Cpu } from '../topology/types.js';
import { type DomainKind, type Layout, type Ordering, take } from './layout.js';

const KINDS: Readonly<Record<string, DomainKind>> = {
  S: 'socket',
  D: 'die',
  C: 'cache',
  M: 'numa',
};

/** The most that a list in a string may name: as many ids as the largest kernels have. */
const LONGEST = 65_536;

/** @returns whether `text` is meant as a string of likwid-pin's */
export function isLikwid(text: string): boolean {
  return /^(?:\d|[A-Z]\d*(?:[:@]|$))/.test(text);
}

/** The cpus that a string of likwid-pin's names; `E:`, `L:`, domains, and lists of ids. */
export class LikwidString {
  readonly #text: string;
  readonly #layout: Layout;
  readonly #ordering: Ordering;

  constructor(text: string, layout: Layout, ordering: Ordering) {
    this.#text = text;
    this.#layout = layout;
    this.#ordering = ordering;
  }

  /**
   * @param byId finds a cpu by the OS's number
   * @throws {ArenaError} ERR_ARENA_INVALID_ARG when the string makes no sense on this machine
   */
  cpus(byId: (id: number) => Cpu): Cpu[] {
    return this.#text.split('@').flatMap((block) => {
      const parts = block.split(':');
      const [first = '', ...rest] = parts;
      if (/^\d/.test(first) && rest.length === 0) return this.#numbers(first).map(byId);
      if (first === 'E') return this.#expression(rest);
      if (first === 'L') return this.#logical(rest.length === 1 ? ['N', ...rest] : rest);
      if (/^c?balanced$|^scatter$/.test(rest[0] ?? '')) return this.#method(parts);
      return rest.length === 0 ? this.#expression([first]) : this.#logical(parts);
    });
  }

  #refuse(expected: string, received: unknown): never {
    throw invalidArgument(`strategy '${this.#text}'`, expected, received);
  }

  #whole(text: string, name: string, least: number): number {
    const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least ? value : this.#refuse(`an integer of ${least} or more as ${name}`, text);
  }

  /** @returns the numbers in `0,2-3` or `3-0`, in that order */
  #numbers(list: string): number[] {
    const numbers = list.split(',').flatMap((part) => {
      const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
      if (first === undefined) this.#refuse("a list such as '0,2-3'", part);
      const step = Number(last) < Number(first) ? -1 : 1;
      const length = Math.abs(Number(last) - Number(first)) + 1;
      return Array.from({ length }, (_, i) => Number(first) + step * i);
    });
    return numbers.length <= LONGEST
      ? numbers
      : this.#refuse(`at most ${LONGEST} numbers`, numbers.length);
  }

  #domain(tag: string, ordering: Ordering): Cpu[] {
    if (tag === 'N') return this.#layout.order(this.#layout.usable, ordering);
    const [, letter = '', number = ''] = /^([A-Z])(\d{1,7})$/.exec(tag) ?? [];
    const kind = KINDS[letter];
    const cpus = kind ? this.#layout.domain(kind, Number(number), ordering) : [];
    return cpus.length > 0 ? cpus : this.#refuse(this.#domains(), tag);
  }

  #domains(): string {
    const ids = (kind: DomainKind) => formatCpuList(this.#layout.domains(kind));
    const tags = Object.entries(KINDS).map(([letter, kind]) => `${letter} with ${ids(kind)}`);
    return `a domain with usable cpus (N, ${tags.slice(0, -1).join(', ')} or ${tags.at(-1)})`;
  }

  /** `S0:0-3`: the cpus at those places of a domain, whole cores first. */
  #logical([tag = '', list = '', ...more]: string[]): Cpu[] {
    if (more.length > 0) this.#refuse("'DOMAIN:LIST'", more.join(':'));
    const cpus = this.#domain(tag, { ...this.#ordering, compact: false });
    return take(cpus, this.#numbers(list), (last, index) =>
      this.#refuse(`places from 0 to ${last} of ${tag}`, index),
    );
  }

  /** `E:N:4:1:2`: so many cpus, a chunk at each stride, hardware threads of a core together. */
  #expression([
    tag = '',
    count,
    chunk = '1',
    stride = '1',
    offset = '0',
    ...more
  ]: string[]): Cpu[] {
    if (more.length > 0) this.#refuse("'E:DOMAIN:COUNT:CHUNK:STRIDE:OFFSET'", more.join(':'));
    const cpus = this.#domain(tag, { ...this.#ordering, compact: true });
    const length = count === undefined ? cpus.length : this.#whole(count, 'the count', 1);
    const inChunk = this.#whole(chunk, 'the chunk', 1);
    const step = this.#whole(stride, 'the stride', 1);
    const start = this.#whole(offset, 'the offset', 0);
    if (length > cpus.length) {
      this.#refuse(`a count of at most ${cpus.length}, the usable cpus of ${tag},`, length);
    }
    const places = Array.from(
      { length },
      (_, i) => start + Math.floor(i / inChunk) * step + (i % inChunk),
    );
    return take(cpus, places, (last, index) =>
      this.#refuse(`a chunk and stride that end at place ${last} of ${tag}`, index),
    );
  }

  /** `M:scatter`, `S:balanced:4`: so many cpus of all domains of a kind. */
  #method([tag = '', method = '', count, ...more]: string[]): Cpu[] {
    if (more.length > 0) this.#refuse(`'DOMAIN:${method}:COUNT'`, more.join(':'));
    const ordering = { ...this.#ordering, compact: method === 'balanced' };
    const kind = KINDS[tag];
    const lists = kind
      ? this.#layout.domains(kind).map((id) => this.#layout.domain(kind, id, ordering))
      : [this.#domain(tag, ordering)];
    const cpus = kind && method === 'scatter' ? this.#layout.spread(kind, ordering) : lists.flat();
    if (count === undefined) return cpus;
    const length = this.#whole(count, 'the count', 1);
    if (length > cpus.length) {
      this.#refuse(`a count of at most ${cpus.length}, the usable cpus of ${tag},`, length);
    }
    return method === 'scatter' ? cpus.slice(0, length) : balanced(lists, length);
  }
}

/** @returns `length` cpus, as equal a number from the start of each list as there are, list by list */
function balanced(lists: readonly Cpu[][], length: number): Cpu[] {
  const shares = lists.map(() => 0);
  for (let given = 0; given < length; given++) {
    const open = shares.map((share, i) =>
      share < (lists[i] as Cpu[]).length ? share : Number.POSITIVE_INFINITY,
    );
    const least = open.indexOf(Math.min(...open));
    shares[least] = (shares[least] as number) + 1;
  }
  return lists.flatMap((list, i) => list.slice(0, shares[i]));
}
