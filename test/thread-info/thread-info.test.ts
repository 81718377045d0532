import { formatThreadInfo, threadInfo } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];

describePinning('threadInfo', () => {
  it('tells where each JavaScript thread is and may run, before and after pinning', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, first, second) => {
        const worker = startWorker(() => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.on('message', () => {});
          parentPort?.postMessage('ready');
        });
        await messageOf(worker);
        const before = kit.threadInfo();
        kit.pinThreads([second, first]);
        const after = kit.threadInfo();
        const tasks = kit.taskCpus();
        await worker.terminate();
        return { before, after, tasks, main: process.pid, topology: kit.readTopology() };
      },
      {},
      first,
      second,
    );
    const { before, after, tasks, main, topology } = seen;
    expect(
      before.threads.map(({ thread, pinned, affinity }) => [thread, pinned, affinity]),
    ).toEqual([
      [0, false, usableCpus],
      [1, false, usableCpus],
    ]);
    for (const { cpu } of before.threads) expect(usableCpus).toContain(cpu);
    expect(before.threads[0]?.tid).toBe(main);
    expect(after.threads.map(({ cpu, pinned, shared }) => [cpu, pinned, shared])).toEqual([
      [second, true, false],
      [first, true, false],
    ]);
    for (const { cpu, core, socket, numaNode } of after.threads) {
      const known = topology.cpus.find(({ id }) => id === cpu);
      expect({ core, socket, numaNode }).toEqual({
        core: known?.core,
        socket: known?.socket,
        numaNode: known?.numaNode,
      });
    }
    expect(after.topology).toEqual(topology);
    const tids = [...after.threads, ...after.helpers].map(({ tid }) => `${tid}`);
    expect(tids.sort()).toEqual(Object.keys(tasks).sort());
  });

  it('counts a thread once that has several copies of the package, as test runners load it', async () => {
    const seen = await inChild(
      ({ pinThreads, ...kit }, first) => {
        process.env.ARENA_PIRATE_PLUNDER = 'yes';
        const warnings: unknown[] = [];
        // Each file of tests has a process object and a module registry of its own.
        const copies = [1, 2, 3].map(() => {
          const { [Symbol.for('arena-pirate.installed')]: _, ...own } =
            Object.getOwnPropertyDescriptors(process) as Record<symbol, PropertyDescriptor>;
          globalThis.process = Object.create(Object.getPrototypeOf(process), own);
          process.emitWarning = (warning: unknown) => warnings.push(warning);
          for (const file of Object.keys(require.cache)) delete require.cache[file];
          return require('arena-pirate') as typeof import('arena-pirate');
        });
        const { placements, wrapped } = pinThreads([first]);
        const threads = [kit, ...copies].map(({ threadInfo }) => threadInfo().threads.length);
        return { placed: placements.map(({ cpu }) => cpu), wrapped, threads, warnings };
      },
      {},
      first,
    );
    expect(seen).toEqual({
      placed: [first],
      wrapped: false,
      threads: [1, 1, 1, 1],
      warnings: [],
    });
  });

  it('says which threads share a cpu', async () => {
    const shared = await inChild(
      async ({ messageOf, startWorker, ...kit }, first) => {
        kit.pinThreads([first]);
        const worker = startWorker(() => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.on('message', () => {});
          parentPort?.postMessage('ready');
        });
        await messageOf(worker);
        const { threads } = kit.threadInfo();
        await worker.terminate();
        return threads.map(({ shared }) => shared);
      },
      {},
      first,
    );
    expect(shared).toEqual([true, true]);
  });
});

type Info = ReturnType<typeof threadInfo>;

/** Two sockets of a NUMA node each; two performance cores of two hardware threads, two efficiency cores. */
function machine(unusable: readonly number[] = []): Info['topology'] {
  const cores = [[0, 6], [1, 7], [2], [3], [4, 8], [5, 9]].map((cpus, id) => ({
    id,
    cpus,
    socket: id < 4 ? 0 : 1,
    numaNode: id < 4 ? 0 : 2,
    kind: id === 2 || id === 3 ? ('efficiency' as const) : ('performance' as const),
  }));
  const cpus = cores.flatMap(({ id: core, cpus, socket, numaNode, kind }) =>
    cpus.map((id, rank) => ({
      ...{ id, core, socket, numaNode, rank, kind },
      ...{ online: true, usable: !unusable.includes(id) },
    })),
  );
  const on = (socket: number) => cpus.filter((cpu) => cpu.socket === socket).map(({ id }) => id);
  const distances = new Map<number, number>();
  return {
    cpus: cpus.sort((a, b) => a.id - b.id),
    cores,
    sockets: [0, 1].map((id) => ({ id, cpus: on(id) })),
    numaNodes: [
      { id: 0, cpus: on(0), memoryBytes: 2 ** 34, distances },
      { id: 2, cpus: on(1), memoryBytes: 2 ** 33, distances },
      { id: 5, cpus: [], memoryBytes: 2 ** 32, distances },
    ],
    smt: 2,
    kinds: ['performance', 'efficiency'],
  };
}

function thread(number: number, cpu: number, more: Partial<Info['threads'][number]> = {}) {
  const { core, socket, numaNode } = machine().cpus.find(({ id }) => id === cpu) ?? {};
  const place = { thread: number, tid: 1000 + number, cpu, core, socket, numaNode };
  return { ...place, affinity: [cpu], pinned: true, shared: false, ...more };
}

// The first line names the host.
const linesOf = (info: Info, options?: Parameters<typeof formatThreadInfo>[1]) =>
  formatThreadInfo(info, options).split('\n').slice(1);

describe('formatThreadInfo', () => {
  it('draws sockets, nodes, cores, and the threads on them, with a legend and the mapping', () => {
    const info: Info = {
      topology: machine([5, 9]),
      threads: [
        thread(0, 0),
        thread(1, 7, { shared: true }),
        thread(2, 7, { shared: true }),
        thread(3, 4, { pinned: false, affinity: [0, 1, 2, 3, 4] }),
      ],
      helpers: [
        { tid: 1, name: 'node', cpus: [0, 1, 2] },
        { tid: 2, name: 'node', cpus: [0, 1, 2] },
        { tid: 3, name: 'node', cpus: [4] },
      ],
    };
    expect(linesOf(info)).toEqual([
      '',
      'Socket 0',
      '  NUMA node 0, 16.0 GiB',
      '    [0=T0     6       ] [1        7=T1=T2!] <2       > <3       >',
      'Socket 1',
      '  NUMA node 2, 8.0 GiB',
      '    [4~T3     8       ] [x5       x9      ]',
      'NUMA node 5, 4.0 GiB, no cpus',
      '',
      '=T0 thread 0 is pinned there',
      '~T0 thread 0 is there now, and may move',
      '! several threads are pinned there',
      '[a b] hardware threads of one core',
      '<a> efficiency core',
      'x not for this process',
      '',
      'thread   tid  cpu  core  socket  node  may run on',
      '    T0  1000    0     0       0     0           0',
      '    T1  1001    7     1       0     0           7',
      '    T2  1002    7     1       0     0           7',
      '    T3  1003    4     4       1     2         0-4',
      '',
      '2 helper threads on cpus 0-2',
      '1 helper thread on cpus 4',
      '',
    ]);
  });

  it('says how much there is, and how much of it is for this process', () => {
    const info: Info = { topology: machine([5, 9]), threads: [thread(0, 0)], helpers: [] };
    expect(formatThreadInfo(info)).toMatch(
      /^\S+: 2 sockets, 3 NUMA nodes, 6 cores, 10 cpus \(8 for this process\)\n/,
    );
  });

  it.each([20, 40, 60])('breaks lines of the map at %i columns', (columns) => {
    const info: Info = { topology: machine(), threads: [thread(0, 0)], helpers: [] };
    const cells = linesOf(info, { columns }).filter((line) => /^ {4}[[<]/.test(line));
    expect(Math.max(...cells.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(cells.join(' ').match(/[[<]/g)).toHaveLength(6);
  });

  it('colours what is pinned, shared, on a second hardware thread, and efficiency cores', () => {
    const info: Info = {
      topology: machine(),
      threads: [thread(0, 0), thread(1, 7), ...[2, 3].map((n) => thread(n, 4, { shared: true }))],
      helpers: [],
    };
    const coloured = formatThreadInfo(info, { colors: true });
    const of = (name: string) =>
      [...coloured.matchAll(new RegExp(`((?:\\x1b\\[\\d+m)*)${name}`, 'g'))].map(([, codes]) =>
        codes?.replaceAll('\x1b', ''),
      );
    const [green, magenta, red, blue] = ['[1m[32m', '[1m[35m', '[1m[31m', '[34m'];
    expect([of('0=T0')[0], of('7=T1')[0], of('4=T2')[0]]).toEqual([green, magenta, red]);
    expect(of('<')[0]).toBe(blue);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(formatThreadInfo(info));
  });

  it('leaves out of the legend what the map does not have', () => {
    const text = formatThreadInfo({ topology: machine(), threads: [thread(0, 0)], helpers: [] });
    expect(text).not.toMatch(/may move|several threads|not for this process/);
  });

  it.each([
    [{ columns: 0 }, /^Expected an integer of 1 or more for columns but received 0/],
    [{ colors: 'yes' }, /^Expected true or false for colors but received 'yes'/],
    [{ width: 80 }, /^Expected an option named colors, columns but received 'width'/],
    [5, /^Expected an object for options but received 5/],
  ])('refuses %o', (options, message) => {
    expect(() => formatThreadInfo(threadInfo(), options as never)).toThrow(message);
  });

  it.each([undefined, null, 5, {}, { topology: {} }])('refuses to draw %o', (info) => {
    expect(() => formatThreadInfo(info as never)).toThrow(
      expect.objectContaining({ code: 'ERR_ARENA_INVALID_ARG' }),
    );
  });

  it('draws this machine', () => {
    expect(formatThreadInfo(threadInfo())).toMatch(/^\S+: \d+ sockets?, .*\n\nSocket \d/);
  });
});
