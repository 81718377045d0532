import os from 'node:os';
import pico from 'picocolors';
import { invalidArgument } from '../errors.js';
import { checkValues, flag, requireObject } from '../options.js';
import { formatCpuList } from '../topology/cpu-sets.js';
import { BlockMap } from './block-map.js';
import type { ThreadInfo } from './types.js';

/** Options of {@link formatThreadInfo}. */
export interface FormatOptions {
  /** Whether escape sequences may colour the text. @defaultValue false */
  readonly colors?: boolean;
  /** Where lines of the map are broken, in characters. @defaultValue 80 */
  readonly columns?: number;
}

const RULES = {
  colors: flag,
  columns: {
    expected: 'an integer of 1 or more',
    accepts: (value: unknown) => Number.isInteger(value) && (value as number) >= 1,
  },
};

const UNKNOWN = '-';

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function summary({ topology }: ThreadInfo): string {
  const online = topology.cpus.filter((cpu) => cpu.online);
  const usable = online.filter((cpu) => cpu.usable).length;
  const parts = [
    count(topology.sockets.length, 'socket'),
    count(topology.numaNodes.length, 'NUMA node'),
    count(topology.cores.length, 'core'),
    count(online.length, 'cpu') + (usable < online.length ? ` (${usable} for this process)` : ''),
  ];
  return `${os.hostname()}: ${parts.join(', ')}`;
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] as string[]).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] as string).length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padStart(widths[i] as number))
      .join('  ')
      .trimEnd(),
  );
}

function mapping({ threads }: ThreadInfo): string[] {
  const show = (id: number | undefined) => (id === undefined ? UNKNOWN : String(id));
  const rows = threads.map((location) => {
    const { thread, tid, cpu, core, socket, numaNode, affinity } = location;
    const cpus = affinity === undefined ? UNKNOWN : formatCpuList(affinity);
    return [`T${thread}`, ...[tid, cpu, core, socket, numaNode].map(show), cpus];
  });
  return table([['thread', 'tid', 'cpu', 'core', 'socket', 'node', 'may run on'], ...rows]);
}

function helpers({ helpers }: ThreadInfo): string[] {
  const byCpus = new Map<string, number>();
  for (const { cpus } of helpers) {
    const list = formatCpuList(cpus);
    byCpus.set(list, (byCpus.get(list) ?? 0) + 1);
  }
  return [...byCpus].map(([list, n]) => `${count(n, 'helper thread')} on cpus ${list}`);
}

/**
 * Draws what {@link threadInfo} says: the machine as blocks, sockets, NUMA nodes and cores, with the
 * JavaScript threads in them, and below which thread is where.
 *
 * @returns lines of text, the last one ended too
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_OPTION`, `ERR_ARENA_INVALID_ARG`
 */
export function formatThreadInfo(info: ThreadInfo, options: FormatOptions = {}): string {
  requireThreadInfo(info);
  requireObject(options);
  checkValues(options, Object.keys(RULES), RULES);
  const { colors = false, columns = 80 } = options;
  const map = new BlockMap(info, pico.createColors(colors), columns);
  const sections = [[summary(info)], map.lines(), map.legend(), mapping(info), helpers(info)];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function requireThreadInfo(info: unknown): void {
  const { topology, threads, helpers } = (info ?? {}) as Partial<ThreadInfo>;
  if (topology?.cpus !== undefined && Array.isArray(threads) && Array.isArray(helpers)) return;
  throw invalidArgument('info', 'what threadInfo() returns', info);
}
