import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

/** What figures depend on. What the system does not tell is undefined, and left out of the JSON. */
export interface Machine {
  readonly cpu: string | undefined;
  readonly cores: number;
  /** `L1 Data 48K` and so on, of the first core. */
  readonly caches: readonly string[];
  readonly memoryBytes: number;
  readonly kernel: string;
  /** As in /sys: the mode in brackets is on. */
  readonly transparentHugePages: string | undefined;
  readonly node: string;
  readonly v8: string;
  readonly arenaPirate: string;
  /** Of the last 1, 5 and 15 minutes: other work on the machine shows here. */
  readonly load: readonly number[];
  readonly date: string;
}

// Load per core from which on the benchmark, which takes a core and a bit, has to share.
const BUSY = 0.5;

const CACHES = '/sys/devices/system/cpu/cpu0/cache';

export function describeMachine(): Machine {
  const manifest = readFileSync(require.resolve('arena-pirate/package.json'), 'utf8');
  return {
    cpu: os.cpus()[0]?.model,
    cores: os.availableParallelism(),
    caches: caches(),
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    transparentHugePages: read('/sys/kernel/mm/transparent_hugepage/enabled'),
    node: process.version,
    v8: process.versions.v8,
    arenaPirate: (JSON.parse(manifest) as { version: string }).version,
    load: os.loadavg().map((load) => Number(load.toFixed(2))),
    date: new Date().toISOString(),
  };
}

/** The machine in three lines, and a fourth when other work disturbs the figures. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, caches, kernel, transparentHugePages, load } = machine;
  const lines = [
    `${cpu ?? 'unknown CPU'}, ${cores} cores, ${caches.join(', ') || 'caches unknown'}`,
    `${kernel}, huge pages ${transparentHugePages ?? 'unknown'}, load ${load.join(' ')}`,
    `arena-pirate ${machine.arenaPirate}, Node ${machine.node}, V8 ${machine.v8}`,
  ];
  if ((load[0] ?? 0) > cores * BUSY) {
    lines.push('Other programs keep this machine busy: do not rely on the figures.');
  }
  return lines.join('\n');
}

function caches(): string[] {
  try {
    return readdirSync(CACHES)
      .filter((name) => name.startsWith('index'))
      .map((name) => ['level', 'type', 'size'].map((what) => read(join(CACHES, name, what)) ?? '?'))
      .map(([level, type, size]) => `L${level} ${type} ${size}`);
  } catch {
    // No Linux, or a sandbox.
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
