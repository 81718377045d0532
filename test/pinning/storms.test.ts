import { expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];

describePinning('workers that are ended at any moment', () => {
  it('while all are being pinned and released leave no trace', async () => {
    const seen = await inChild(
      async ({ startWorker, ...kit }, first, second) => {
        const start = kit.taskCpus()[process.pid];
        const ended: Promise<number>[] = [];
        for (let round = 0; round < 24; round++) {
          const worker = startWorker(({ arena, pinThreads, withPinnedThreads }) => {
            for (;;) {
              pinThreads('cores', { threads: 'all' });
              withPinnedThreads('random', () => arena.sync(() => new Uint8Array(1000)));
            }
          });
          if (round % 2 === 0) kit.pinThreads([second, first]);
          else kit.unpinThreads();
          await new Promise((resolve) => setTimeout(resolve, (round * 37) % 120));
          ended.push(worker.terminate());
        }
        await Promise.all(ended);
        kit.pinThreads([second]);
        const { threads } = kit.threadInfo();
        kit.unpinThreads();
        const isAsBefore = () => Object.values(kit.taskCpus()).every((cpus) => cpus === start);
        return {
          threads: threads.map(({ thread, cpu }) => [thread, cpu]),
          asBefore: kit.waitSync(isAsBefore),
        };
      },
      {},
      first,
      second,
    );
    expect(seen).toEqual({ threads: [[0, second]], asBefore: true });
  });

  it('that were the only ones to load the package leave the process alive', async () => {
    const seen = await inChild(
      async ({ taskCpus, waitSync }, packageFile) => {
        const { Worker } = process.getBuiltinModule('node:worker_threads');
        const cpus = [];
        for (let round = 0; round < 3; round++) {
          const source = `
            const { getAffinity, pinThreads } = require(${JSON.stringify(packageFile)});
            pinThreads('cores');
            require('node:worker_threads').parentPort.postMessage(getAffinity());`;
          const worker = new Worker(source, { eval: true });
          cpus.push(await new Promise((resolve) => worker.once('message', resolve)));
          await worker.terminate();
        }
        // What looks after helpers goes on when the addon has no thread left.
        waitSync(() => false, 200);
        return { cpus, main: taskCpus()[process.pid] };
      },
      { package: 'node:path' },
      new URL('../../dist/index.js', import.meta.url).pathname,
    );
    expect(seen.cpus).toHaveLength(3);
    for (const cpus of seen.cpus) expect(cpus).toHaveLength(1);
    expect(seen.main).not.toBe(`${first}`);
  });
});
