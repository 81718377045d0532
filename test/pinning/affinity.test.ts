import { expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];

describePinning('setAffinity', () => {
  it('moves the calling thread only, to any cpus in any order', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, first, second) => {
        const worker = startWorker(({ getAffinity }) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.on('message', () => parentPort?.postMessage(getAffinity()));
          parentPort?.postMessage('ready');
        });
        await messageOf(worker);
        kit.setAffinity([second]);
        const one = [kit.getAffinity(), kit.isPinned(), kit.getCpuId()];
        const task = kit.taskCpus()[process.pid];
        worker.postMessage('');
        const other = await messageOf(worker);
        kit.setAffinity([second, first, second]);
        await worker.terminate();
        return { one, task, other, two: [kit.getAffinity(), kit.isPinned()] };
      },
      {},
      first,
      second,
    );
    expect(seen.one).toEqual([[second], true, second]);
    expect(seen.task).toBe(`${second}`);
    expect(seen.other).toEqual(usableCpus);
    expect(seen.two).toEqual([[first, second], false]);
  });

  it('is bound by what the system allows, not by the mask of the start', async () => {
    const seen = await inChild(
      (kit, first, second) => {
        const start = kit.getAffinity();
        kit.setAffinity([second]);
        const moved = kit.getAffinity();
        let message = '';
        try {
          kit.setAffinity([first, 60_000]);
        } catch (error) {
          message = (error as Error).message;
        }
        const after = kit.getAffinity();
        kit.unpinThreads();
        return { start, moved, message, after, unpinned: kit.getAffinity() };
      },
      { launcher: ['taskset', '--cpu-list', `${first}`] },
      first,
      second,
    );
    const [, told = ''] = /lets this process use \((.*)\) for cpus\[1\]/.exec(seen.message) ?? [];
    const ranges = told.split(',').map((range) => range.split('-').map(Number));
    const isTold = (id: number) =>
      ranges.some(([low = Number.NaN, high = low]) => id >= low && id <= high);
    expect(usableCpus.filter(isTold)).toEqual(usableCpus);
    expect(seen).toMatchObject({ start: [first], moved: [second], after: [second] });
    expect(seen.unpinned).toEqual([first]);
  });

  it('lasts until the next plan', async () => {
    const seen = await inChild(
      (kit, first, second) => {
        kit.setAffinity([second]);
        kit.pinThreads([first]);
        const pinned = kit.getAffinity();
        kit.setAffinity([second]);
        kit.unpinThreads();
        return [pinned, kit.getAffinity()];
      },
      {},
      first,
      second,
    );
    expect(seen).toEqual([[first], usableCpus]);
  });

  it.each([
    ['no cpus', [], /^Expected at least one cpu id for cpus but received an empty list /],
    ['no list', 1, /^Expected a list of cpu ids for cpus but received 1 of type number /],
    [
      'a number that is no cpu',
      [1.5],
      /^Expected the id of a cpu for cpus\[0\] but received 1\.5 of/,
    ],
    ['a negative one', [-1], /for cpus\[0\] but received -1 of type number /],
    ['a string', ['0'], /for cpus\[0\] but received '0' of type string /],
    [
      'a cpu that there is not',
      [60_000, first],
      /^Expected a cpu that the system lets this process use \([\d,-]+\) for cpus\[0\] but received 60000 of type number /,
    ],
    [
      'one behind others',
      [second, first, 60_000],
      /for cpus\[2\] but received 60000 of type number /,
    ],
    ['only cpus that there are not', [60_001, 60_000], /for cpus\[1\] but received 60000 of type/],
    ['a cpu past all', [2 ** 40], /for cpus\[0\] but received 1099511627776 of type number /],
  ])('refuses %s, and changes nothing', async (_name, cpus, message) => {
    const seen = await inChild(
      (kit, second, cpus) => {
        kit.setAffinity([second]);
        let error = {} as { code?: string; message?: string };
        try {
          kit.setAffinity(cpus as never);
        } catch (thrown) {
          error = thrown as typeof error;
        }
        return { code: error.code, message: error.message, after: kit.getAffinity() };
      },
      {},
      second,
      cpus as unknown,
    );
    expect(seen.code).toBe('ERR_ARENA_INVALID_ARG');
    expect(seen.message).toMatch(message);
    expect(seen.after).toEqual([second]);
  });
});

describePinning('getCpuId and getNumaNode', () => {
  it('tell where the thread is, as the topology has it', async () => {
    const seen = await inChild(
      (kit, cpus) => {
        const { cpus: known } = kit.readTopology();
        return cpus.map((cpu) => {
          kit.setAffinity([cpu]);
          const node = known.find(({ id }) => id === cpu)?.numaNode;
          return { cpu: kit.getCpuId() - cpu, node: kit.getNumaNode() - (node ?? Number.NaN) };
        });
      },
      {},
      usableCpus,
    );
    expect(seen).toEqual(usableCpus.map(() => ({ cpu: 0, node: 0 })));
  });
});
