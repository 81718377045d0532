import { expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];

describePinning('withPinnedThreads', () => {
  it('returns what the function returns, and restores what was', async () => {
    const seen = await inChild(
      (kit, second) => {
        const inside = kit.withPinnedThreads([second], ({ placements }) => [
          placements.map(({ cpu }) => cpu),
          kit.getAffinity(),
        ]);
        return { inside, after: kit.getAffinity() };
      },
      {},
      second,
    );
    expect(seen).toEqual({ inside: [[second], [second]], after: usableCpus });
  });

  it('restores when the function throws, and throws the same', async () => {
    const seen = await inChild(
      (kit, second) => {
        const boom = new Error('boom');
        let inside: number[] = [];
        let same = false;
        try {
          kit.withPinnedThreads([second], () => {
            inside = kit.getAffinity();
            throw boom;
          });
        } catch (error) {
          same = error === boom;
        }
        return { inside, same, after: kit.getAffinity() };
      },
      {},
      second,
    );
    expect(seen).toEqual({ inside: [second], same: true, after: usableCpus });
  });

  it.each(['resolves', 'rejects'])('stays until the promise %s', async (how) => {
    const seen = await inChild(
      async (kit, second, how) => {
        let release = () => {};
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        const pinned = kit.withPinnedThreads([second], async () => {
          await gate;
          if (how === 'rejects') throw new Error('rejected');
          return kit.getAffinity().join();
        });
        const during = kit.getAffinity();
        release();
        const result = await pinned.catch(({ message }: Error) => message);
        return { during, result, after: kit.getAffinity() };
      },
      {},
      second,
      how,
    );
    const result = how === 'rejects' ? 'rejected' : `${second}`;
    expect(seen).toEqual({ during: [second], result, after: usableCpus });
  });

  it('waits for a thenable that is no promise', async () => {
    const seen = await inChild(
      async (kit, second) => {
        const calls: (() => void)[] = [];
        const thenable = {
          // biome-ignore lint/suspicious/noThenProperty: a thenable is what is to be tested
          then: (resolve: (value: number) => void) => calls.push(() => resolve(5)),
        };
        const pinned = kit.withPinnedThreads([second], () => thenable as never as Promise<number>);
        await new Promise((resolve) => setImmediate(resolve));
        const during = kit.getAffinity();
        for (const call of calls) call();
        return { during, result: await pinned, after: kit.getAffinity() };
      },
      {},
      second,
    );
    expect(seen).toEqual({ during: [second], result: 5, after: usableCpus });
  });

  it('nested restores the outer plan, for helpers and for threads to come as well', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, first, second) => {
        const start = () =>
          startWorker(({ getAffinity }) => {
            const { parentPort } = process.getBuiltinModule('node:worker_threads');
            parentPort?.on('message', () => parentPort?.postMessage(getAffinity()));
            parentPort?.postMessage(getAffinity());
          });
        kit.pinThreads([first, second]);
        const helpers = () => [...new Set(Object.values(kit.taskCpus([process.pid])))];
        const before = helpers();
        const [inside, born] = await kit.withPinnedThreads(
          [second],
          async () => {
            const worker = start();
            return [[kit.getAffinity(), await messageOf(worker)], worker] as const;
          },
          { threads: 'all' },
        );
        const after = kit.getAffinity();
        born.postMessage('');
        const bornAfter = await messageOf(born);
        await born.terminate();
        kit.waitSync(() => helpers().length === before.length);
        return { inside, after, bornAfter, before, helpers: helpers() };
      },
      {},
      first,
      second,
    );
    expect(seen.inside).toEqual([[second], [second]]);
    expect(seen.after).toEqual([first]);
    expect(seen.bornAfter).toEqual([second]);
    expect(seen.helpers).toEqual(seen.before);
  });

  it('gives a worker that came in the meantime the mask of the start', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, second) => {
        const [inside, worker] = await kit.withPinnedThreads([second], async () => {
          const worker = startWorker(({ getAffinity }) => {
            const { parentPort } = process.getBuiltinModule('node:worker_threads');
            parentPort?.on('message', () => parentPort?.postMessage(getAffinity()));
            parentPort?.postMessage(getAffinity());
          });
          return [await messageOf(worker), worker] as const;
        });
        worker.postMessage('');
        const after = await messageOf(worker);
        await worker.terminate();
        return { inside, after };
      },
      {},
      second,
    );
    expect(seen).toEqual({ inside: [second], after: usableCpus });
  });

  it('calls nothing and changes nothing when the strategy makes no sense', async () => {
    const seen = await inChild(
      (kit, second) => {
        kit.setAffinity([second]);
        let called = false;
        const codes = [
          () => kit.withPinnedThreads('plunder', () => (called = true)),
          () => kit.withPinnedThreads('cores', 5 as never),
        ].map((call) => {
          try {
            call();
            return '';
          } catch (error) {
            return (error as { code: string }).code;
          }
        });
        return { codes, called, after: kit.getAffinity() };
      },
      {},
      second,
    );
    const code = 'ERR_ARENA_INVALID_ARG';
    expect(seen).toEqual({ codes: [code, code], called: false, after: [second] });
  });
});
