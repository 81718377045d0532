import { readFileSync } from 'node:fs';
import os from 'node:os';
import { ArenaError, readTopology } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { type Files, listOf, maskOf, withFiles } from '../support/machines.js';
import { thrownBy } from '../support/scopes.js';

const CPU = 'sys/devices/system/cpu';
const NODE = 'sys/devices/system/node';

const read = (files: Files) => withFiles(files, (root) => readTopology({ root }));

/** The files of cpus that say so much about themselves. */
function cpuFiles(cpus: readonly Files[]): Files {
  return Object.fromEntries(
    cpus.flatMap((files, id) =>
      Object.entries(files).map(([name, text]) => [`${CPU}/cpu${id}/topology/${name}`, text]),
    ),
  );
}

const coresOf = (files: Files) => read(files).cores.map(({ cpus }) => listOf(cpus));
const socketsOf = (files: Files) => read(files).sockets.map(({ id, cpus }) => [id, listOf(cpus)]);
const nodesOf = (files: Files) => read(files).numaNodes.map(({ id, cpus }) => [id, listOf(cpus)]);

/** Two cpus without a word about nodes. */
const two = cpuFiles([{ core_id: '0' }, { core_id: '1' }]);

describe('cpus', () => {
  it('are those present, online or not, and no others that could be plugged in', () => {
    const files = {
      ...cpuFiles(Array.from({ length: 6 }, (_, id) => ({ core_id: `${id}` }))),
      [`${CPU}/online`]: '0,2',
      [`${CPU}/present`]: '0-3',
      [`${CPU}/possible`]: '0-5',
    };
    expect(read(files).cpus.map(({ id, online }) => [id, online])).toEqual([
      [0, true],
      [1, false],
      [2, true],
      [3, false],
    ]);
  });

  it('are online where nothing says otherwise, with an empty file too', () => {
    const files = { ...two, [`${CPU}/cpu0/online`]: '', [`${CPU}/online`]: 'garbage' };
    expect(read(files).cpus.map(({ online }) => online)).toEqual([true, true]);
  });

  it('that are offline are part of no core, socket or set of cpus of a node', () => {
    const files = { ...two, [`${CPU}/cpu1/online`]: '0', [`${NODE}/node0/cpumap`]: '3' };
    const { cpus, cores, sockets, numaNodes } = read(files);
    expect(cpus[1]).toEqual({
      id: 1,
      core: -1,
      socket: -1,
      numaNode: 0,
      rank: -1,
      kind: 'performance',
      online: false,
      usable: false,
    });
    expect([cores, sockets, numaNodes].map(([first]) => first?.cpus)).toEqual([[0], [0], [0]]);
  });

  it('may have ids above 1024', () => {
    const ids = [5, 1023, 1024, 1500];
    const topology = {
      core_cpus: maskOf(ids),
      package_cpus: maskOf(ids),
      core_id: '7',
      physical_package_id: '3',
    };
    const files: Record<string, string> = { [`${NODE}/node6/cpumap`]: maskOf(ids) };
    for (const id of ids) {
      for (const [name, text] of Object.entries(topology)) {
        files[`${CPU}/cpu${id}/topology/${name}`] = text;
      }
    }
    const { cpus, cores, sockets, numaNodes, smt } = read(files);
    expect(cpus.map(({ id, rank }) => [id, rank])).toEqual(ids.map((id, i) => [id, i]));
    expect(cores[0]?.cpus).toEqual(ids);
    expect(sockets).toEqual([{ id: 3, cpus: ids }]);
    expect(numaNodes[0]).toMatchObject({ id: 6, cpus: ids });
    expect(smt).toBe(4);
  });
});

describe('cores', () => {
  it('are told apart by number where the mask is that of a module of two', () => {
    const mates = { thread_siblings: '3', core_siblings: '3', physical_package_id: '0' };
    expect(coresOf(cpuFiles([0, 1].map((id) => ({ ...mates, core_id: `${id}` }))))).toEqual([
      '0',
      '1',
    ]);
  });

  it('are known by package, die and number where there is no mask', () => {
    const numbers = ['0 0 0', '0 0 1', '0 1 0', '1 0 0', '0 0 0', '1 0 0'];
    const cpus = numbers.map((number) => {
      const [physical_package_id, die_id, core_id] = number.split(' ') as [string, string, string];
      return { physical_package_id, die_id, core_id };
    });
    expect(coresOf(cpuFiles(cpus))).toEqual(['0,4', '1', '2', '3,5']);
  });

  it('are single cpus where nothing is known, or a mask leaves its own cpu out', () => {
    expect(coresOf(cpuFiles([{ die_id: '0' }, { core_cpus_list: '0' }]))).toEqual(['0', '1']);
  });
});

describe('dies', () => {
  const diesOf = (files: Files) => read(files).dies?.map(({ id, cpus }) => [id, listOf(cpus)]);

  it('have numbers that repeat on each socket, and get numbers of their own', () => {
    const cpus = ['1 0', '1 4', '0 0', '0 4', '1 4'].map((text) => {
      const [physical_package_id, die_id] = text.split(' ') as [string, string];
      return { physical_package_id, die_id };
    });
    expect(diesOf(cpuFiles(cpus))).toEqual([
      [0, '2'],
      [1, '3'],
      [2, '0'],
      [3, '1,4'],
    ]);
  });

  it('are the sockets where nothing is known, or -1', () => {
    const cpus = ['0', '1', '0'].map((physical_package_id) => ({ physical_package_id }));
    const sockets = [
      [0, '0,2'],
      [1, '1'],
    ];
    expect(diesOf(cpuFiles(cpus))).toEqual(sockets);
    expect(diesOf(cpuFiles(cpus.map((cpu) => ({ ...cpu, die_id: '-1' }))))).toEqual(sockets);
  });
});

describe('last-level caches', () => {
  const cachesOf = (files: Files) => read(files).caches?.map(({ id, cpus }) => [id, listOf(cpus)]);

  /** Caches as `3 Unified 0-1`, by cpu. */
  function withCaches(...caches: string[][]): Files {
    const sockets = caches.map((_, id) => ({ physical_package_id: `${id >> 1}`, core_id: '0' }));
    const files: [string, string][] = caches.flatMap((list, cpu) =>
      list.flatMap((text, i) => {
        const [level, type, shared_cpu_list] = text.split(' ') as [string, string, string];
        const facts = Object.entries({ level, type, shared_cpu_list });
        return facts.map(([name, value]): [string, string] => [
          `${CPU}/cpu${cpu}/cache/index${i}/${name}`,
          value,
        ]);
      }),
    );
    return { ...cpuFiles(sockets), ...Object.fromEntries(files) };
  }

  it('are those of the highest level, in whatever order they are told', () => {
    const l3 = '3 Unified 0-1';
    const files = withCaches([l3, '1 Data 0', '2 Unified 0'], ['1 Data 1', '2 Unified 1', l3]);
    expect(cachesOf(files)).toEqual([[0, '0-1']]);
  });

  it('are L2s where a cpu has no L3, and none of instructions', () => {
    const files = withCaches(
      ['3 Unified 0', '2 Unified 0-1'],
      ['2 Unified 1', '4 Instruction 0-1'],
      ['2 Unified 2-3', '3 Instruction 2'],
      ['2 Unified 2-3'],
    );
    expect(cachesOf(files)).toEqual([
      [0, '0'],
      [1, '1'],
      [2, '2-3'],
    ]);
  });

  it('are of a lower level where the list of a cache is empty, or without the cpu', () => {
    const files = withCaches(['3 Unified ', '2 Unified 0'], ['3 Unified 0', '2 Unified 1']);
    expect(cachesOf(files)).toEqual([
      [0, '0'],
      [1, '1'],
    ]);
  });

  it('end at a socket, and are the sockets where nothing is known', () => {
    const all = ['3 Unified 0-3'];
    const sockets = [
      [0, '0-1'],
      [1, '2-3'],
    ];
    expect(cachesOf(withCaches(all, all, all, all))).toEqual(sockets);
    expect(cachesOf(withCaches([], [], [], []))).toEqual(sockets);
  });
});

describe('sockets', () => {
  it('with one number for several are told apart by their masks, and numbered anew', () => {
    const cpus = [
      { physical_package_id: '512', core_siblings: '1' },
      { physical_package_id: '512', core_siblings: '2' },
      { physical_package_id: '0', core_siblings: 'c' },
      { physical_package_id: '0', core_siblings: 'c' },
    ];
    expect(socketsOf(cpuFiles(cpus))).toEqual([
      [0, '0'],
      [1, '1'],
      [2, '2-3'],
    ]);
  });

  it('without a number are known by their masks', () => {
    const masks = ['5', 'a', '5', 'a'];
    const cpus = masks.map((core_siblings) => ({ physical_package_id: '-1', core_siblings }));
    expect(socketsOf(cpuFiles(cpus))).toEqual([
      [0, '0,2'],
      [1, '1,3'],
    ]);
  });

  it('go by their numbers where one mask contradicts the others', () => {
    const masks = ['3', '3', '1', 'c'];
    const cpus = masks.map((core_siblings, id) => ({
      physical_package_id: id < 2 ? '0' : '8',
      core_siblings,
    }));
    expect(socketsOf(cpuFiles(cpus))).toEqual([
      [0, '0-1'],
      [8, '2-3'],
    ]);
  });

  it('take in a cpu whose number is missing, by its mask', () => {
    const cpus: Files[] = [
      { physical_package_id: '4', core_siblings: '3' },
      { core_siblings: '3' },
    ];
    expect(socketsOf(cpuFiles(cpus))).toEqual([[4, '0-1']]);
  });

  it('are one where nothing is known', () => {
    expect(socketsOf(two)).toEqual([[0, '0-1']]);
  });
});

describe('NUMA nodes', () => {
  it('are one, with the memory of the machine, where the kernel has none', () => {
    const files = { ...two, 'proc/meminfo': 'MemTotal:  2048 kB\nHugePages_Total: 9\n' };
    expect(read(files).numaNodes).toEqual([
      { id: 0, cpus: [0, 1], memoryBytes: 2048 * 1024, distances: new Map() },
    ]);
  });

  it('may have gaps in their ids, no cpus, and no memory', () => {
    const files = {
      ...two,
      [`${NODE}/node2/cpulist`]: '0-1',
      [`${NODE}/node2/meminfo`]: 'Node 2 MemTotal:  0 kB',
      [`${NODE}/node2/distance`]: '10 17',
      [`${NODE}/node8/cpumap`]: '0',
      [`${NODE}/node8/meminfo`]: 'Node 8 MemTotal:  4 kB',
      [`${NODE}/node8/distance`]: '28 10',
    };
    expect(read(files).numaNodes).toEqual([
      { id: 2, cpus: [0, 1], memoryBytes: 0, distances: new Map([[2, 10], [8, 17]]) }, // biome-ignore format: a matrix
      { id: 8, cpus: [], memoryBytes: 4096, distances: new Map([[2, 28], [8, 10]]) }, // biome-ignore format: a matrix
    ]);
  });

  it('have no distances where the columns are not theirs', () => {
    const files = { ...two, [`${NODE}/node0/cpumap`]: '1', [`${NODE}/node1/cpumap`]: '2' };
    const rows = ['10', '10 20 30', '10 x', '', '0 10'];
    for (const row of rows) {
      const { numaNodes } = read({ ...files, [`${NODE}/node0/distance`]: row });
      expect(numaNodes[0]?.distances).toEqual(new Map());
    }
  });

  it('that claim the same cpus leave them to the first, and are nodes no more without any', () => {
    const four = cpuFiles(Array.from({ length: 4 }, () => ({ core_id: '0' })));
    const files = {
      ...four,
      [`${NODE}/node0/cpumap`]: '3',
      [`${NODE}/node1/cpumap`]: '3',
      [`${NODE}/node2/cpumap`]: 'e',
      [`${NODE}/node0/distance`]: '10 11 12',
    };
    expect(nodesOf(files)).toEqual([
      [0, '0-1'],
      [2, '2-3'],
    ]);
    expect(read(files).numaNodes[0]?.distances).toEqual(new Map([[0, 10], [2, 12]])); // biome-ignore format: a row
  });

  it('take in a cpu that none lists: where its link says, else where its socket is', () => {
    const sockets = [0, 0, 1, 1, 1];
    const files = {
      ...cpuFiles(sockets.map((id) => ({ physical_package_id: `${id}` }))),
      [`${NODE}/node3/cpulist`]: '0',
      [`${NODE}/node5/cpulist`]: '2',
      [`${CPU}/cpu4/node3/uevent`]: '',
    };
    expect(nodesOf(files)).toEqual([
      [3, '0-1,4'],
      [5, '2-3'],
    ]);
  });

  it('are not what is the memory of a GPU', () => {
    const files = {
      ...two,
      [`${NODE}/node0/cpumap`]: '3',
      [`${NODE}/node0/distance`]: '10 80',
      [`${NODE}/node255/cpumap`]: '0',
      'proc/driver/nvidia/gpus/0004:05:00.0/numa_status': 'Node:      255\nStatus:    online',
    };
    expect(nodesOf(files)).toEqual([[0, '0-1']]);
    expect(read(files).numaNodes[0]?.distances).toEqual(new Map([[0, 10]]));
  });

  it('are not what is offline', () => {
    const files = {
      ...two,
      [`${NODE}/online`]: '1',
      [`${NODE}/node0/cpumap`]: '1',
      [`${NODE}/node1/cpumap`]: '2',
    };
    expect(nodesOf(files)).toEqual([[1, '0-1']]);
  });
});

describe('without sysfs', () => {
  it('cpus come from /proc/cpuinfo, with cores and sockets where it has them', () => {
    const blocks = ['0 0 0', '1 0 0', '2 1 0', '5 1 3'].map((numbers) => {
      const [id, socket, core] = numbers.split(' ');
      return `processor\t: ${id}\nmodel name\t: A cpu\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
    });
    const files = { 'proc/cpuinfo': blocks.join('\n') };
    expect(coresOf(files)).toEqual(['0-1', '2', '5']);
    expect(socketsOf(files)).toEqual([
      [0, '0-1'],
      [1, '2,5'],
    ]);
  });

  it('cores and sockets come from there where sysfs knows the cpus only', () => {
    const block = (id: number) => `processor : ${id}\nphysical id : ${id >> 1}\ncore id : 0\n`;
    const files = {
      [`${CPU}/cpu0/online`]: '1',
      [`${CPU}/cpu1/online`]: '1',
      [`${CPU}/cpu2/online`]: '1',
      [`${CPU}/cpu3/online`]: '0',
      'proc/cpuinfo': [0, 1, 2, 3].map(block).join('\n'),
    };
    expect(coresOf(files)).toEqual(['0-1', '2']);
    expect(socketsOf(files)).toEqual([
      [0, '0-1'],
      [1, '2'],
    ]);
    expect(read(files).cpus[3]).toMatchObject({ online: false, core: -1, socket: -1 });
  });

  it('cpus come from the cpuinfo of s390, whose first line counts them', () => {
    const line = (id: number) => `processor ${id}: version = 00,  identification = 279F25\n`;
    const files = { 'proc/cpuinfo': `# processors    : 2\n${line(0)}${line(1)}` };
    expect(read(files).cpus.map(({ id }) => id)).toEqual([0, 1]);
  });
});

describe('the running machine', () => {
  const onLinux = it.skipIf(process.platform !== 'linux');

  onLinux('has the cpus that the kernel lets this process have', () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    const usable = readTopology().cpus.filter((cpu) => cpu.usable);
    expect(status).toContain(`Cpus_allowed_list:\t${listOf(usable.map(({ id }) => id))}\n`);
  });

  it('has the cpus that Node counts', () => {
    const online = readTopology().cpus.filter((cpu) => cpu.online);
    expect(online).toHaveLength(os.cpus().length);
  });
});

describe('readTopology', () => {
  it.each(['none', 'one without a cpu online'])('says what it needs: the machine is %s', (kind) => {
    const files: Files = kind === 'none' ? { 'etc/passwd': '' } : { [`${CPU}/cpu0/online`]: '0' };
    const error = withFiles(files, (root) => thrownBy(() => readTopology({ root })));
    expect(error).toBeInstanceOf(ArenaError);
    expect(error).toMatchObject({
      code: 'ERR_ARENA_INVALID_OPTION',
      message: expect.stringMatching(
        /^Expected a folder that has the cpus of a machine in sys\/\S+ or proc\/cpuinfo for root but received '\/.*'/,
      ),
    });
  });

  it.each([
    [null, /^Expected an object for options but received null/],
    [{ root: 5 }, /^Expected the path of a folder for root but received 5 of type number/],
    [{ root: '' }, /^Expected the path of a folder for root but received '' of type string/],
    [{ path: '/' }, /^Expected an option named root but received 'path'/],
  ])('refuses %j', (options, message) => {
    expect(thrownBy(() => readTopology(options as never))).toMatchObject({
      code: expect.stringMatching(/^ERR_ARENA_INVALID_(ARG|OPTION)$/),
      message: expect.stringMatching(message),
    });
  });
});
