import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { readTopology } from 'arena-pirate';
import type { Calm } from './support/calm.js';
import { formatBytes } from './support/format.js';
import { pause } from './support/pause.js';

/** What figures depend on. What the system does not tell is undefined, and left out of the JSON. */
export interface Machine {
  readonly cpu: string | undefined;
  /** That this process may use. */
  readonly cores: number;
  /** Cores, sockets, NUMA nodes: of the whole machine. */
  readonly topology: string;
  /** `L1 Data 48K` and so on, of the first core. */
  readonly caches: readonly string[];
  readonly memoryBytes: number;
  readonly kernel: string;
  /** As in /sys: the mode in brackets is on. */
  readonly transparentHugePages: string | undefined;
  /** Of what stands behind plain arrays: C library, and what is preloaded or set to change it. */
  readonly malloc: string;
  readonly node: string;
  readonly v8: string;
  readonly arenaPirate: string;
  /** Versions of the installed development dependencies, measured libraries among them, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Of the last 1, 5 and 15 minutes before the run: other work on the machine shows here. */
  readonly load: readonly number[];
  /** The same after it; the benchmark itself adds one or two. */
  readonly loadAfter: readonly number[];
  /**
   * How many cpus were in use in the half second before the run: unlike the load it tells nothing of what has ended,
   * such as the run on another version of Node. Missing in files of older versions.
   */
  readonly cpusInUse?: number;
  /** What slowed the cpus meanwhile; missing before a run, and in files of older versions. */
  readonly calm?: Calm;
  /** When the run began. */
  readonly date: string;
}

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

// Cpus in use of those there are from which on the benchmark, which takes a core and a bit, has to share.
const BUSY = 0.5;

const MILLISECONDS_OF_LOOK = 500;

const CACHES = '/sys/devices/system/cpu/cpu0/cache';

/** As it is before a run: {@link afterRun} adds the rest. */
export function describeMachine(): Machine {
  const manifestPath = require.resolve('arena-pirate/package.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  const load = currentLoad();
  return {
    cpu: os.cpus()[0]?.model,
    cores: os.availableParallelism(),
    topology: topology(),
    caches: caches(),
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    transparentHugePages: read('/sys/kernel/mm/transparent_hugepage/enabled'),
    malloc: malloc(),
    node: process.version,
    v8: process.versions.v8,
    arenaPirate: manifest.version,
    packages: versionsOf(
      Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/')),
      dirname(manifestPath),
    ),
    load,
    loadAfter: load,
    cpusInUse: cpusInUse(),
    date: new Date().toISOString(),
  };
}

/** The machine of a run that has ended. */
export function afterRun(machine: Machine, calm: Calm): Machine {
  return { ...machine, loadAfter: currentLoad(), calm };
}

/** In a sentence. */
export function formatCalm({ looks, disturbed, waitedSeconds, stolenSeconds }: Calm): string {
  return (
    `At ${disturbed} of ${looks} steps something else slowed a cpu; ` +
    `${waitedSeconds} s of waiting for that to end, ` +
    `${stolenSeconds} s of cpu time taken by the hypervisor.`
  );
}

/** Whether other work disturbed the figures. */
export function isBusy({ cpusInUse, load, cores }: Machine): boolean {
  return (cpusInUse ?? load[0] ?? 0) > cores * BUSY;
}

/** The machine in a few lines, and another when other work disturbs the figures. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, caches, kernel, transparentHugePages, load } = machine;
  const lines = [
    `${cpu ?? 'unknown CPU'}, ${cores} cores, ${caches.join(', ') || 'caches unknown'}`,
    `${kernel}, huge pages ${transparentHugePages ?? 'unknown'}, ${machine.malloc}, load ${load.join(' ')}`,
    `arena-pirate ${machine.arenaPirate}, Node ${machine.node}, V8 ${machine.v8}`,
  ];
  if (isBusy(machine)) {
    lines.push('Other programs keep this machine busy: do not rely on the figures.');
  }
  return lines.join('\n');
}

/** All that is on record, as names and values. */
export function factsOf(machine: Machine): [string, string][] {
  const { load, loadAfter, packages } = machine;
  return [
    ['processor', `${machine.cpu ?? 'unknown'}, ${machine.cores} cpus for this process`],
    ['topology', machine.topology],
    ['caches', machine.caches.join(', ') || 'unknown'],
    ['memory', formatBytes(machine.memoryBytes)],
    ['system', machine.kernel],
    ['transparent huge pages', machine.transparentHugePages ?? 'unknown'],
    ['malloc', machine.malloc],
    ['Node', `${machine.node}, V8 ${machine.v8}`],
    ['load', `${load.join(' ')} before, ${loadAfter.join(' ')} after (1, 5, 15 minutes)`],
    ...(machine.calm === undefined
      ? []
      : ([['disturbances', formatCalm(machine.calm)]] as [string, string][])),
    ['date', machine.date],
    ['arena-pirate', machine.arenaPirate],
    [
      'packages',
      Object.entries(packages)
        .map((entry) => entry.join(' '))
        .join(', '),
    ],
  ];
}

function currentLoad(): number[] {
  return os.loadavg().map((load) => Number(load.toFixed(2)));
}

function cpusInUse(): number {
  const before = cpuTimes();
  pause(MILLISECONDS_OF_LOOK);
  const after = cpuTimes();
  const all = after.all - before.all;
  const share = all > 0 ? 1 - (after.idle - before.idle) / all : 0;
  return Number((share * os.cpus().length).toFixed(2));
}

/** Of all cpus together, since the machine has started. */
function cpuTimes(): { all: number; idle: number } {
  const times = os.cpus().map((cpu) => cpu.times);
  const sum = (of: (cpu: os.CpuInfo['times']) => number) =>
    times.reduce((total, cpu) => total + of(cpu), 0);
  return {
    all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
    idle: sum(({ idle }) => idle),
  };
}

function topology(): string {
  const { cpus, cores, sockets, numaNodes } = readTopology();
  const count = (many: readonly unknown[], what: string) =>
    `${many.length} ${what}${many.length === 1 ? '' : 's'}`;
  return [
    count(cpus, 'cpu'),
    count(cores, 'core'),
    count(sockets, 'socket'),
    count(numaNodes, 'NUMA node'),
  ].join(', ');
}

function malloc(): string {
  const { header } = process.report.getReport() as unknown as {
    header: { glibcVersionRuntime?: string };
  };
  const library = header.glibcVersionRuntime;
  const settings = Object.entries(process.env)
    .filter(([name]) => /^(LD_PRELOAD|GLIBC_TUNABLES|MALLOC_.*)$/.test(name))
    .map(([name, value]) => `${name}=${value}`);
  return [library === undefined ? 'C library unknown' : `glibc ${library}`, ...settings].join(' ');
}

function versionsOf(names: readonly string[], root: string): Record<string, string> {
  const versions = names.flatMap((name) => {
    const manifest = read(join(root, 'node_modules', name, 'package.json'));
    return manifest === undefined ? [] : [[name, (JSON.parse(manifest) as Manifest).version]];
  });
  return Object.fromEntries(versions) as Record<string, string>;
}

function caches(): string[] {
  try {
    return readdirSync(CACHES)
      .filter((name) => name.startsWith('index'))
      .map((name) => ['level', 'type', 'size'].map((what) => read(join(CACHES, name, what)) ?? '?'))
      .map(([level, type, size]) => `L${level} ${type} ${size}`);
  } catch {
    // No Linux, a sandbox, or a virtual machine whose kernel was not told; glibc asks the processor itself.
    return cachesOfGlibc();
  }
}

function cachesOfGlibc(): string[] {
  try {
    const kinds = { '1_D': 'Data', '1_I': 'Instruction', '2_': 'Unified', '3_': 'Unified' };
    return Object.entries(kinds).flatMap(([name, type]) => {
      const answer = execFileSync('getconf', [`LEVEL${name}CACHE_SIZE`], { encoding: 'utf8' });
      const bytes = Number(answer);
      return bytes > 0 ? [`L${name[0]} ${type} ${bytes / 1024}K`] : [];
    });
  } catch {
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
