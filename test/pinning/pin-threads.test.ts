import { expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];
const both = [first, second];

describePinning('pinThreads', () => {
  it('places the main thread and workers at once, as it says and planPinning does', async () => {
    const seen = await inChild(async ({ messageOf, startWorker, ...kit }) => {
      const worker = startWorker(({ getAffinity }) => {
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        parentPort?.on('message', () => parentPort?.postMessage(getAffinity()));
        parentPort?.postMessage('ready');
      });
      await messageOf(worker);
      const { placements, wrapped, helpers } = kit.pinThreads('cores');
      const tasks = kit.taskCpus();
      worker.postMessage('');
      const own = [kit.getAffinity(), await messageOf(worker)];
      const plan = kit.planPinning('cores', { topology: kit.readTopology(), threads: 2 });
      await worker.terminate();
      return {
        ...{ placements, wrapped, helpers, own, plan },
        tasks: placements.map(({ tid }) => tasks[tid]),
        main: process.pid,
      };
    });
    expect(seen.placements.map(({ tid, ...placement }) => placement)).toEqual(seen.plan.placements);
    expect(seen.placements[0]?.tid).toBe(seen.main);
    expect(seen.tasks).toEqual(seen.placements.map(({ cpu }) => `${cpu}`));
    expect(seen.own).toEqual(seen.placements.map(({ cpu }) => [cpu]));
    expect(seen).toMatchObject({ wrapped: false, helpers: [] });
  });

  it('called in a worker places the main thread, too', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, both) => {
        const worker = startWorker(
          ({ pinThreads }, both) => {
            const { parentPort } = process.getBuiltinModule('node:worker_threads');
            parentPort?.postMessage(pinThreads(both).placements);
          },
          {},
          both,
        );
        const placements = await messageOf<{ thread: number; cpu: number }[]>(worker);
        return { main: kit.getAffinity(), placements };
      },
      {},
      both,
    );
    expect(seen.main).toEqual([first]);
    expect(seen.placements.map(({ thread, cpu }) => [thread, cpu])).toEqual([
      [0, first],
      [1, second],
    ]);
  });

  it('places threads that load the package later, and shares cpus when there are too few', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, both) => {
        kit.pinThreads(both);
        const cpus = [];
        for (let i = 0; i < 3; i++) {
          const worker = startWorker(({ getAffinity }) => {
            const { parentPort } = process.getBuiltinModule('node:worker_threads');
            parentPort?.on('message', () => {});
            parentPort?.postMessage(getAffinity());
          });
          cpus.push(await messageOf(worker));
        }
        const { placements, wrapped } = kit.pinThreads(both);
        setImmediate(() => process.exit());
        return { cpus, wrapped, shared: placements.map(({ shared }) => shared) };
      },
      {},
      both,
    );
    expect(seen.cpus).toEqual([[second], [first], [second]]);
    expect(seen).toMatchObject({ wrapped: true, shared: [false, false, true, true] });
  });

  it('gives the place of a thread that has ended to the next one', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, both) => {
        kit.pinThreads(both);
        const start = async () => {
          const worker = startWorker(({ getAffinity }) => {
            const { parentPort } = process.getBuiltinModule('node:worker_threads');
            parentPort?.on('message', () => {});
            parentPort?.postMessage(getAffinity());
          });
          return [worker, await messageOf(worker)] as const;
        };
        const rounds = [];
        for (let round = 0; round < 3; round++) {
          const [worker, cpus] = await start();
          const numbers = kit.threadInfo().threads.map(({ thread }) => thread);
          await worker.terminate();
          const left = kit.threadInfo().threads.map(({ thread }) => thread);
          rounds.push({ cpus, numbers, left });
        }
        return rounds;
      },
      {},
      both,
    );
    expect(seen).toEqual(Array(3).fill({ cpus: [second], numbers: [0, 1], left: [0] }));
  });

  it("'current' keeps each thread where it is, later ones included", async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, second) => {
        kit.setAffinity([second]);
        const { placements } = kit.pinThreads('current');
        kit.unpinThreads();
        kit.pinThreads('current');
        const worker = startWorker(({ getAffinity, getCpuId }) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.postMessage({ affinity: getAffinity(), cpu: getCpuId() });
        });
        const later = await messageOf<{ affinity: number[]; cpu: number }>(worker);
        return { cpus: placements.map(({ cpu }) => cpu), later };
      },
      {},
      second,
    );
    expect(seen.cpus).toEqual([second]);
    expect(seen.later.affinity).toEqual([seen.later.cpu]);
  });

  it.each([
    ['a strategy that makes no sense', 'plunder', {}, 'ERR_ARENA_INVALID_ARG'],
    ['a cpu that there is not', [70_000], {}, 'ERR_ARENA_INVALID_ARG'],
    ['an unknown option', 'cores', { topology: 1 }, 'ERR_ARENA_INVALID_OPTION'],
    ['a bad option', 'cores', { threads: 'none' }, 'ERR_ARENA_INVALID_OPTION'],
    ['a node that there is not', 'cores', { node: 77 }, 'ERR_ARENA_INVALID_OPTION'],
    ['a node that is no number', 'cores', { node: '0' }, 'ERR_ARENA_INVALID_OPTION'],
    ['options that are none', 'cores', 5, 'ERR_ARENA_INVALID_ARG'],
  ])('refuses %s, and moves nothing', async (_name, strategy, options, code) => {
    const seen = await inChild(
      (kit, strategy, options) => {
        kit.pinThreads('cores');
        const before = kit.taskCpus();
        let error: { name?: string; code?: string } = {};
        try {
          kit.pinThreads(strategy as never, options as never);
        } catch (thrown) {
          error = thrown as typeof error;
        }
        return { before, after: kit.taskCpus(), name: error.name, code: error.code };
      },
      {},
      strategy as unknown,
      options as unknown,
    );
    expect(seen).toMatchObject({ name: 'ArenaError', code });
    expect(seen.after).toEqual(seen.before);
  });
});

describePinning('unpinThreads', () => {
  it('gives all threads the mask that the process started with, whatever else there is', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, first) => {
        kit.pinThreads([first], { threads: 'all' });
        const worker = startWorker(({ getAffinity }) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.on('message', () => {});
          parentPort?.postMessage(getAffinity());
        });
        const pinned = await messageOf(worker);
        kit.unpinThreads();
        const after = new Set(Object.values(kit.taskCpus()));
        setImmediate(() => process.exit());
        return { pinned, after: [...after], own: kit.getAffinity(), isPinned: kit.isPinned() };
      },
      { launcher: ['taskset', '-c', `${first},${second}`] },
      first,
    );
    expect(seen.pinned).toEqual([first]);
    expect(seen.own).toEqual(both);
    expect(seen.after).toHaveLength(1);
    expect(seen.isPinned).toBe(false);
  });

  it('and pinning keep to a mask of one cpu, and unpinned threads may be pinned again', async () => {
    const seen = await inChild(
      (kit) => {
        const own = [kit.getAffinity()];
        const { placements } = kit.pinThreads('numa');
        own.push(kit.getAffinity());
        kit.unpinThreads();
        own.push(kit.getAffinity());
        kit.unpinThreads();
        kit.pinThreads('numa');
        return { own, cpus: placements.map(({ cpu }) => cpu), isPinned: kit.isPinned() };
      },
      { launcher: ['taskset', '-c', `${second}`] },
    );
    expect(seen.own).toEqual([[second], [second], [second]]);
    expect(seen.cpus).toEqual([second]);
    expect(seen.isPinned).toBe(true);
  });

  it('ends the placing of threads to come', async () => {
    const cpus = await inChild(({ messageOf, startWorker, ...kit }) => {
      kit.pinThreads('cores');
      kit.unpinThreads();
      const worker = startWorker(({ getAffinity }) => {
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        parentPort?.postMessage(getAffinity());
      });
      return messageOf<number[]>(worker);
    });
    expect(cpus).toEqual(usableCpus);
  });
});
