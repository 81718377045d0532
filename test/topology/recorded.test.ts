import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTopology, type Topology } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf } from '../support/machines.js';
import { packageRoot, runOrThrow } from '../support/run.js';
import recorded from './recorded.json';

const archives = join(packageRoot, '../shared/topologies');
const missing = [
  existsSync(archives) ? '' : 'no ../shared/topologies here',
  spawnSync('bzip2', ['--help']).error ? 'no bzip2 here' : '',
].find((why) => why !== '');

/**
 * What is right for each machine: what hwloc makes of it, `lstopo --of xml` with HWLOC_FSROOT, except
 * - sockets without a number of the OS's, or with one that several have, are numbered from 0;
 * - the PlayStation 3, of which hwloc knows no package, is one socket;
 * - memory without cpus has none, where hwloc lists the cpus near it;
 * - a package without dies is one, and without caches shares one, which hwloc does not say;
 * - the kind of core, which hwloc does not say.
 */
const expected: Readonly<Record<string, unknown>> = recorded;

/** What readTopology() has no use for, and most of the files. */
const useless =
  'cpuidle pci* virtual LNXSYSTM* power hugepages memory[0-9]* device-tree run size attributes uevent ' +
  'coherency_line_size number_of_sets ways_of_associativity physical_line_partition *_policy';

/** A topology as the table has it. */
function summary({ cpus, cores, sockets, dies, caches, numaNodes, smt }: Topology) {
  const those = (test: (cpu: Topology['cpus'][number]) => boolean) =>
    listOf(cpus.filter(test).map(({ id }) => id));
  return {
    online: those((cpu) => cpu.online),
    usable: those((cpu) => cpu.usable),
    smt,
    cores: cores.map((core) => listOf(core.cpus)).join(' '),
    sockets: Object.fromEntries(sockets.map(({ id, cpus }) => [id, listOf(cpus)])),
    dies: dies?.map((die) => listOf(die.cpus)).join(' '),
    caches: caches?.map((cache) => listOf(cache.cpus)).join(' '),
    nodes: numaNodes.map(({ id, cpus, memoryBytes }) => ({ id, cpus: listOf(cpus), memoryBytes })),
    efficiency: those((cpu) => cpu.kind === 'efficiency'),
  };
}

describe.skipIf(missing !== undefined)(
  `recorded machines${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'arena-pirate-recorded-'));
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function unpacked(name: string): Topology {
      const target = join(folder, name);
      mkdirSync(target);
      const less = useless.split(' ').map((pattern) => `--exclude=*/${pattern}`);
      runOrThrow('tar', [...less, '-xjf', join(archives, `${name}.tar.bz2`), '-C', target]);
      const [inside] = readdirSync(target) as [string];
      return readTopology({ root: join(target, inside) });
    }

    it('are all in the table', () => {
      const names = readdirSync(archives).map((file) => file.replace('.tar.bz2', ''));
      expect(names.sort()).toEqual(Object.keys(expected).sort());
    });

    it.each(Object.keys(expected))('are read right: %s', (name) => {
      expect(summary(unpacked(name))).toEqual(expected[name]);
    });
  },
);
