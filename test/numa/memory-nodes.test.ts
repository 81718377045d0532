// Which nodes arenas may lie on: what `configure({ numa })` takes, and what 'interleave' spreads over.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Files, withFiles } from '../support/machines.js';
import { packageRoot } from '../support/run.js';

const { readMemoryNodes } = (await import(join(packageRoot, 'dist/memory-nodes.js'))) as {
  readMemoryNodes(root: string): readonly number[];
};

const NODE = 'sys/devices/system/node';
const mems = (list: string): Files => ({ 'proc/self/status': `Mems_allowed_list:\t${list}\n` });
const gpu: Files = { 'proc/driver/nvidia/gpus/0004:04/numa_status': 'Node:\t255\n' };

it.each<[string, Files, readonly number[]]>([
  ['all that have memory', { [`${NODE}/has_memory`]: '0,2-3\n' }, [0, 2, 3]],
  ['those online, on old kernels', { [`${NODE}/online`]: '0-1\n' }, [0, 1]],
  ['those that the cgroup allows', { [`${NODE}/has_memory`]: '0-3\n', ...mems('1-2') }, [1, 2]],
  ["none of a GPU's", { [`${NODE}/has_memory`]: '0,8,255\n', ...mems('0-255'), ...gpu }, [0, 8]],
  ['node 0 where nothing is known', {}, [0]],
  ['node 0 where none is left', { [`${NODE}/has_memory`]: '0\n', ...mems('3') }, [0]],
])('are %s', (_, files, nodes) => {
  expect(withFiles(files, readMemoryNodes)).toEqual(nodes);
});
