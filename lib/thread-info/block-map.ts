import type { Colors } from 'picocolors/types';
import type { Core, Cpu } from '../topology/types.js';
import type { ThreadInfo, ThreadLocation } from './types.js';

/** A piece of text that takes `width` columns, whatever colours are in it. */
interface Block {
  readonly text: string;
  readonly width: number;
}

const GIB = 2 ** 30;

/** Draws where threads are on the cores of a machine. */
export class BlockMap {
  readonly #info: ThreadInfo;
  readonly #colors: Colors;
  readonly #columns: number;
  readonly #cpus: ReadonlyMap<number, Cpu>;
  readonly #cellWidth: number;

  /** @param columns where lines are broken */
  constructor(info: ThreadInfo, colors: Colors, columns: number) {
    this.#info = info;
    this.#colors = colors;
    this.#columns = columns;
    this.#cpus = new Map(info.topology.cpus.map((cpu) => [cpu.id, cpu]));
    this.#cellWidth = Math.max(...info.topology.cpus.map((cpu) => this.#label(cpu).length));
  }

  /** @returns the lines of the map: sockets, NUMA nodes, cores */
  lines(): string[] {
    const { sockets, numaNodes, cores } = this.#info.topology;
    const lines = sockets.flatMap((socket) => {
      const inSocket = cores.filter((core) => core.socket === socket.id);
      const nodes = new Set(inSocket.map((core) => core.numaNode));
      const blocks = [...nodes].flatMap((id) => [
        `  ${this.#nodeTitle(id)}`,
        ...this.#rows(inSocket.filter((core) => core.numaNode === id)),
      ]);
      return [this.#colors.bold(`Socket ${socket.id}`), ...blocks];
    });
    const bare = numaNodes.filter((node) => node.cpus.length === 0);
    return [...lines, ...bare.map(({ id }) => `${this.#nodeTitle(id)}, no cpus`)];
  }

  /** @returns what the marks mean that the map has */
  legend(): string[] {
    const { threads, topology } = this.#info;
    const online = topology.cpus.filter((cpu) => cpu.online);
    const entries: [boolean, string][] = [
      [threads.some(({ pinned }) => pinned), '=T0 thread 0 is pinned there'],
      [threads.some(({ pinned }) => !pinned), '~T0 thread 0 is there now, and may move'],
      [threads.some(({ shared }) => shared), '! several threads are pinned there'],
      [topology.smt > 1, '[a b] hardware threads of one core'],
      [topology.kinds.includes('efficiency'), '<a> efficiency core'],
      [online.some(({ usable }) => !usable), 'x not for this process'],
    ];
    return entries.filter(([applies]) => applies).map(([, text]) => this.#colors.dim(text));
  }

  #nodeTitle(id: number): string {
    const node = this.#info.topology.numaNodes.find((node) => node.id === id);
    const memory = ((node?.memoryBytes ?? 0) / GIB).toFixed(1);
    return `NUMA node ${id}, ${memory} GiB`;
  }

  #rows(cores: readonly Core[]): string[] {
    const rows: Block[] = [];
    for (const block of cores.map((core) => this.#block(core))) {
      const last = rows.at(-1);
      if (last === undefined || last.width + 1 + block.width > this.#columns) {
        rows.push({ text: `    ${block.text}`, width: 4 + block.width });
      } else {
        rows[rows.length - 1] = {
          text: `${last.text} ${block.text}`,
          width: last.width + 1 + block.width,
        };
      }
    }
    return rows.map(({ text }) => text);
  }

  #block({ cpus, kind }: Core): Block {
    const cells = cpus.map((id) => this.#cell(this.#cpus.get(id) as Cpu)).join(' ');
    const width = cpus.length * (this.#cellWidth + 1) + 1;
    if (kind === 'performance') return { text: `[${cells}]`, width };
    const { blue } = this.#colors;
    return { text: `${blue('<')}${cells}${blue('>')}`, width };
  }

  #threadsOn(cpu: Cpu): ThreadLocation[] {
    return this.#info.threads.filter((thread) => thread.cpu === cpu.id);
  }

  #label(cpu: Cpu): string {
    const here = this.#threadsOn(cpu);
    const marks = here.map(({ thread, pinned }) => `${pinned ? '=' : '~'}T${thread}`).join('');
    const doubly = here.some(({ shared }) => shared) ? '!' : '';
    return `${cpu.usable ? '' : 'x'}${cpu.id}${marks}${doubly}`;
  }

  #cell(cpu: Cpu): string {
    return this.#paint(cpu)(this.#label(cpu).padEnd(this.#cellWidth));
  }

  #paint(cpu: Cpu): (text: string) => string {
    const { bold, cyan, dim, green, magenta, red, yellow } = this.#colors;
    const here = this.#threadsOn(cpu);
    if (here.some(({ shared }) => shared)) return (text) => bold(red(text));
    if (here.length > 0 && here.every(({ pinned }) => !pinned)) return yellow;
    if (here.length > 0) return (text) => bold(cpu.rank > 0 ? magenta(text) : green(text));
    if (!cpu.usable) return dim;
    return cpu.rank > 0 ? cyan : (text) => text;
  }
}
