import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';
import { packageRoot } from '../support/run.js';

const [first, second] = usableCpus as [number, number];

/** The threads that are pinned, and the masks of all others before and after. */
interface Seen {
  readonly start: string | undefined;
  readonly own: string | undefined;
  readonly others: string[];
}

describePinning('threads that run no JavaScript of ours', () => {
  it("keep the mask of the start, libuv's pool included, from its first use on", async () => {
    const seen = await inChild(async (kit): Promise<Seen> => {
      const start = kit.taskCpus()[process.pid];
      kit.pinThreads('cores');
      await process.getBuiltinModule('node:fs/promises').readFile(process.execPath);
      const own = kit.taskCpus()[process.pid];
      return { start, own, others: Object.values(kit.taskCpus([process.pid])) };
    });
    expect(seen.own).toBe(`${first}`);
    expect(new Set(seen.others)).toEqual(new Set([seen.start]));
  });

  it('keep it when they are created by a pinned thread: workers without the package', async () => {
    const seen = await inChild(async (kit): Promise<Seen> => {
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      const start = kit.taskCpus()[process.pid];
      kit.pinThreads('cores');
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await new Promise((resolve) => worker.once('online', resolve));
      const seen = {
        start,
        own: kit.taskCpus()[process.pid],
        others: Object.values(kit.taskCpus([process.pid])),
      };
      await worker.terminate();
      return seen;
    });
    expect(seen.own).toBe(`${first}`);
    expect(new Set(seen.others)).toEqual(new Set([seen.start]));
  });

  it('keep it while the event loop stands still: the inspector', async () => {
    const seen = await inChild((kit) => {
      const start = kit.taskCpus()[process.pid];
      kit.pinThreads('cores');
      const before = Object.keys(kit.taskCpus()).length;
      const inspector = process.getBuiltinModule('node:inspector');
      inspector.open(0);
      const more = Object.keys(kit.taskCpus()).length - before;
      const isLeftAlone = () =>
        Object.values(kit.taskCpus([process.pid])).every((cpus) => cpus === start);
      const kept = kit.waitSync(isLeftAlone);
      inspector.close();
      return { more, kept, own: kit.taskCpus()[process.pid] };
    });
    expect(seen).toEqual({ more: 1, kept: true, own: `${first}` });
  });

  it('keep it after setAffinity, too', async () => {
    const seen = await inChild(
      async (kit, second): Promise<Seen> => {
        const start = kit.taskCpus()[process.pid];
        kit.setAffinity([second]);
        await process.getBuiltinModule('node:fs/promises').readFile(process.execPath);
        const own = kit.taskCpus()[process.pid];
        return { start, own, others: Object.values(kit.taskCpus([process.pid])) };
      },
      {},
      second,
    );
    expect(seen.own).toBe(`${second}`);
    expect(new Set(seen.others)).toEqual(new Set([seen.start]));
  });

  it('keep a mask that they have chosen themselves', async () => {
    const seen = await inChild(
      async (kit, first, second) => {
        const { execFileSync } = process.getBuiltinModule('node:child_process');
        kit.pinThreads([first]);
        const worker = new (process.getBuiltinModule('node:worker_threads').Worker)(
          'setInterval(() => {}, 1000)',
          { eval: true },
        );
        const before = new Set(Object.keys(kit.taskCpus()));
        await new Promise((resolve) => worker.once('online', resolve));
        const helper = [...before].find((tid) => Number(tid) !== process.pid) as string;
        execFileSync('taskset', ['-pc', `${second}`, helper]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        kit.pinThreads([second]);
        kit.unpinThreads();
        const chosen = kit.taskCpus()[Number(helper)];
        await worker.terminate();
        return chosen;
      },
      {},
      first,
      second,
    );
    expect(seen).toBe(`${second}`);
  });

  it("are placed with threads: 'all', and never all on one cpu", async () => {
    const seen = await inChild(async (kit) => {
      const { placements, helpers } = kit.pinThreads('cores', { threads: 'all' });
      const tasks = kit.taskCpus();
      const cpus = new Set(helpers.flatMap((helper) => helper.cpus));
      const wrong = helpers.filter(
        ({ tid, cpus }) => tasks[tid] !== undefined && !tasks[tid]?.startsWith(`${cpus[0]}`),
      );
      const tids = new Set([...placements, ...helpers].map(({ tid }) => tid));
      const left = Object.keys(tasks).filter((tid) => !tids.has(Number(tid)));
      return { cpus: [...cpus], wrong, left, count: helpers.length };
    });
    expect(seen.cpus.length).toBeGreaterThan(1);
    expect(seen.count).toBeGreaterThan(4);
    expect(seen).toMatchObject({ wrong: [], left: [] });
  });

  it('get the mask of the start back when they are not to be placed any more', async () => {
    const seen = await inChild(
      (kit, first) => {
        const start = kit.taskCpus()[process.pid];
        kit.pinThreads([first], { threads: 'all' });
        kit.pinThreads([first]);
        return { start, others: Object.values(kit.taskCpus([process.pid])) };
      },
      {},
      first,
    );
    expect(new Set(seen.others)).toEqual(new Set([seen.start]));
  });
});

const { helperCpus } = (await import(join(packageRoot, 'dist/pinning/helpers.js'))) as {
  helperCpus(topology: unknown, taken: readonly number[]): number[];
};
const machine = (nodes: readonly number[], unusable: readonly number[] = []) => ({
  cpus: nodes.map((numaNode, id) => ({ id, numaNode, usable: !unusable.includes(id) })),
});

describePinning('the cpus of helpers', () => {
  it.each([
    ['those left on the same node', [0, 0, 0, 0, 1, 1], [], [0], [1, 2, 3]],
    ['those left on all nodes that are used', [0, 0, 1, 1, 2, 2], [], [0, 2], [1, 3]],
    ['those left elsewhere when one is left on the node', [0, 0, 1, 1], [], [0], [1, 2, 3]],
    ['those left elsewhere when none is left on the node', [0, 0, 1, 1], [], [0, 1], [2, 3]],
    ['all of the nodes when one is left at all', [0, 0, 1], [], [0, 1], [0, 1]],
    ['all that the process may use when a node has one', [0, 1], [], [0], [0, 1]],
    ['none that the process may not use', [0, 0, 0, 0], [1], [0], [2, 3]],
    ['the only one', [0, 0], [1], [0], [0]],
  ])('are %s', (_name, nodes, unusable, taken, expected) => {
    expect(helperCpus(machine(nodes, unusable), taken)).toEqual(expected);
  });
});
