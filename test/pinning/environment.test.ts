import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inChild, runChild, tryInChild } from '../support/child.js';
import { describePinning, usableCpus, works } from '../support/pinning.js';
import { packageRoot } from '../support/run.js';

const [first, second] = usableCpus as [number, number];

describePinning('ARENA_PIRATE_PIN', () => {
  it('pins the main thread and workers while they load, helpers not', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }) => {
        const main = kit.getAffinity();
        const worker = startWorker(({ getAffinity }) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.on('message', () => {});
          parentPort?.postMessage(getAffinity());
        });
        const other = await messageOf(worker);
        await process.getBuiltinModule('node:fs/promises').readFile(process.execPath);
        const tids = kit.threadInfo().threads.map(({ tid }) => tid as number);
        const helpers = () => [...new Set(Object.values(kit.taskCpus(tids)))];
        kit.waitSync(() => helpers().length === 1);
        await worker.terminate();
        return { main, other, helpers: helpers() };
      },
      { env: { ARENA_PIRATE_PIN: `${second},${first}` } },
    );
    expect(seen.main).toEqual([second]);
    expect(seen.other).toEqual([first]);
    expect(seen.helpers).toHaveLength(1);
    expect(seen.helpers[0]).not.toBe(`${second}`);
  });

  it('takes a node, and which threads', async () => {
    const seen = await inChild(
      ({ getAffinity, getNumaNode }) => [getAffinity().length, getNumaNode()],
      {
        env: {
          ARENA_PIRATE_PIN: 'numa',
          ARENA_PIRATE_PIN_NODE: '0',
          ARENA_PIRATE_PIN_THREADS: 'all',
        },
      },
    );
    expect(seen).toEqual([1, 0]);
  });

  it("leaves the number of libuv's threads to the program", async () => {
    const threads = await inChild(
      async (kit) => {
        process.env.UV_THREADPOOL_SIZE = '1';
        const before = Object.keys(kit.taskCpus()).length;
        await process.getBuiltinModule('node:fs/promises').readFile(process.execPath);
        return Object.keys(kit.taskCpus()).length - before;
      },
      { env: { ARENA_PIRATE_PIN: 'cores' } },
    );
    // The thread that looks after new ones may have been counted before or not.
    expect([1, 2]).toContain(threads);
  });

  it('is not applied again after unpinThreads, and empty means nothing', async () => {
    const unpinned = await inChild(
      async ({ messageOf, startWorker, unpinThreads }) => {
        unpinThreads();
        const worker = startWorker(({ getAffinity }) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.postMessage(getAffinity());
        });
        return messageOf(worker);
      },
      { env: { ARENA_PIRATE_PIN: 'cores' } },
    );
    const empty = await inChild(({ getAffinity }) => getAffinity(), {
      env: { ARENA_PIRATE_PIN: '' },
    });
    expect([unpinned, empty]).toEqual([usableCpus, usableCpus]);
  });

  it.each([
    ['a strategy', { ARENA_PIRATE_PIN: 'plunder' }],
    ['a node', { ARENA_PIRATE_PIN: 'numa', ARENA_PIRATE_PIN_NODE: 'x' }],
    ['a node without cpus', { ARENA_PIRATE_PIN: 'numa', ARENA_PIRATE_PIN_NODE: '99' }],
    ['threads', { ARENA_PIRATE_PIN: 'numa', ARENA_PIRATE_PIN_THREADS: 'some' }],
  ])('that makes no sense as %s is an error each time it is loaded', async (_name, env) => {
    const program = `
      const answers = [0, 1].map(() => {
        try {
          require('arena-pirate');
        } catch ({ name, code, message }) {
          return { name, code, message };
        }
      });
      require('node:fs').writeSync(3, JSON.stringify(answers));`;
    const { answer } = await runChild([process.execPath, '--eval', program], { env });
    for (const error of JSON.parse(answer)) {
      expect(error).toMatchObject({ name: 'ArenaError', code: 'ERR_ARENA_INVALID_OPTION' });
      expect(error.message).toMatch(/^In ARENA_PIRATE_PIN=\w+: Expected .* but received /);
    }
  });
});

const refuse = (...calls: string[]) => [
  'python3',
  join(packageRoot, 'test/support/refuse.py'),
  calls.join(','),
];
const sandboxes = process.platform === 'linux' && works([...refuse('sched_setaffinity'), 'true']);

describe.skipIf(!sandboxes)(
  `in a sandbox that refuses to place threads${sandboxes ? '' : ' (skipped: no python3 or no seccomp here)'}`,
  () => {
    const tryAll = (kit: typeof import('arena-pirate')) => {
      const calls = {
        pinThreads: () => kit.pinThreads('cores'),
        withPinnedThreads: () => kit.withPinnedThreads('cores', () => 0),
        setAffinity: () =>
          kit.setAffinity(
            kit
              .readTopology()
              .cpus.slice(0, 1)
              .map(({ id }) => id),
          ),
        getAffinity: () => kit.getAffinity(),
        isPinned: () => kit.isPinned(),
        unpinThreads: () => kit.unpinThreads(),
      };
      const { length } = kit.arena(() => new Uint8Array(1000));
      const thrown = Object.entries(calls).map(([name, call]) => {
        try {
          call();
          return [name, ''];
        } catch (error) {
          const { code, message } = error as { code: string; message: string };
          return [name, `${code} ${message}`];
        }
      });
      const { threads, topology } = kit.threadInfo();
      return {
        length,
        thrown: Object.fromEntries(thrown) as Record<string, string>,
        threads: threads.map(({ pinned }) => pinned),
        cpus: topology.cpus.length,
      };
    };
    const unsupported =
      /^ERR_ARENA_UNSUPPORTED The system refused sched_\w+ \(EPERM\)\. .*container/;

    it('what would place them throws, and everything else works', async () => {
      const seen = await inChild(tryAll, { launcher: refuse('sched_setaffinity') });
      expect(seen).toMatchObject({ length: 1000, threads: [false] });
      const { pinThreads, withPinnedThreads, setAffinity, ...others } = seen.thrown;
      for (const thrown of [pinThreads, withPinnedThreads, setAffinity]) {
        expect(thrown).toMatch(unsupported);
      }
      // Nothing has been placed, so there is nothing to refuse.
      expect(others).toEqual({ getAffinity: '', isPinned: '', unpinThreads: '' });
    });

    it('or even to tell where they may run, all of it throws', async () => {
      const seen = await inChild(tryAll, {
        launcher: refuse('sched_setaffinity', 'sched_getaffinity'),
      });
      expect(seen).toMatchObject({ length: 1000, threads: [false] });
      for (const thrown of Object.values(seen.thrown)) expect(thrown).toMatch(unsupported);
      expect(seen.cpus).toBeGreaterThan(0);
    });

    it('ARENA_PIRATE_PIN is a warning', async () => {
      const { status, answer, stderr } = await tryInChild(
        ({ arena, isArenaArray }) => isArenaArray(arena(() => new Uint8Array(1000))),
        { launcher: refuse('sched_setaffinity'), env: { ARENA_PIRATE_PIN: 'numa' } },
      );
      expect([status, answer]).toEqual([0, 'true']);
      expect(stderr).toMatch(
        /\[ERR_ARENA_UNSUPPORTED\] Warning: ARENA_PIRATE_PIN=numa has no effect/,
      );
    });
  },
);
