import { expect, it } from 'vitest';
import type { Guest } from './support/on-machine.js';

/** Tests of threads that come while others are pinned, on a machine of 2 nodes of 2 cpus. */
export function newcomerTests(guest: Guest): void {
  it('places a worker that loads arena-pirate later; one that does not, and libuv’s, roam', async () => {
    const seen = await guest.run(async (kit) => {
      const { readFile } = process.getBuiltinModule('node:fs/promises');
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      kit.pinThreads('numa');
      const crew = await kit.startCrew(kit, 2);
      const plain = new Worker('setTimeout(() => {}, 60_000)', { eval: true });
      plain.unref();
      await Promise.all(Array.from({ length: 8 }, () => readFile('/proc/version')));
      const tids = crew.map(({ tid }) => tid);
      const helpers = () =>
        Object.entries(kit.affinities()).flatMap(([tid, cpus]) =>
          tids.includes(+tid) ? [] : [cpus],
        );
      const deadline = Date.now() + 10_000;
      while (helpers().some((cpus) => cpus !== '0-3') && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const affinities = kit.affinities();
      return { crew: tids.map((tid) => affinities[tid]), helpers: helpers() };
    });
    expect(seen.crew).toEqual(['0', '2', '1']);
    expect(new Set(seen.helpers)).toEqual(new Set(['0-3']));
    // V8's four, libuv's four and the plain worker at least.
    expect(seen.helpers.length).toBeGreaterThanOrEqual(9);
  });

  it("puts helpers beside the JavaScript threads with { threads: 'all' }", async () => {
    const seen = await guest.run(async (kit) => {
      const crew = await kit.startCrew(kit, 1);
      const tids = crew.map(({ tid }) => tid);
      return ['numa', 'cores', 'S1:0-1'].map((strategy) => {
        const { helpers } = kit.pinThreads(strategy, { threads: 'all' });
        const affinities = kit.affinities();
        return {
          crew: tids.map((tid) => affinities[tid]),
          helpers: helpers.map(({ tid }) => affinities[tid]),
        };
      });
    });
    const [numa, cores, socket1] = seen;
    expect(numa?.crew).toEqual(['0', '2']);
    expect(new Set(numa?.helpers)).toEqual(new Set(['1,3']));
    // Node 0 has no cpu left, node 1 has two.
    expect(cores?.crew).toEqual(['0', '1']);
    expect(new Set(cores?.helpers)).toEqual(new Set(['2-3']));
    expect(socket1?.crew).toEqual(['2', '3']);
    expect(new Set(socket1?.helpers)).toEqual(new Set(['0-1']));
    for (const { helpers } of seen) expect(helpers.length).toBeGreaterThanOrEqual(8);
  });

  it('has every thread where it was after withPinnedThreads, whatever happens in it', async () => {
    const seen = await guest.run(async (kit) => {
      const crew = await kit.startCrew(kit, 1);
      const masks = () => {
        const affinities = kit.affinities();
        return crew.map(({ tid }) => affinities[tid]);
      };
      const { withPinnedThreads } = kit;
      const seen = [withPinnedThreads('numa', masks), masks()];
      try {
        withPinnedThreads('numa', () => {
          throw new Error('on purpose');
        });
      } catch {
        seen.push(masks());
      }
      await withPinnedThreads('sockets', async () => {
        seen.push(withPinnedThreads([3, 1], masks));
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(masks());
      });
      return [...seen, masks()];
    });
    const free = ['0-3', '0-3'];
    expect(seen).toEqual([['0', '2'], free, free, ['3', '1'], ['0', '2'], free]);
  });

  it('pins from the environment, and from the command line to one node', async () => {
    const seen = await guest.run(({ inProcess, shell }) => {
      const { writeFileSync } = process.getBuiltinModule('node:fs');
      const program = (pirate: typeof import('arena-pirate')) => {
        const kept = pirate.arena(() => new Float64Array(1e6).fill(1));
        const { node, residentPages } = pirate.stats().numa;
        return { cpus: pirate.getAffinity(), node, residentPages, last: kept[999_999] };
      };
      writeFileSync(
        '/tmp/server.cjs',
        `console.log(JSON.stringify((${program})(require('/package'))))`,
      );
      return [
        inProcess('export ARENA_PIRATE_PIN=S1:1', program),
        JSON.parse(shell('node dist/cli.js run --pin numa --node 1 /tmp/server.cjs')) as ReturnType<
          typeof program
        >,
      ];
    });
    for (const [i, cpu] of [3, 2].entries()) {
      expect(seen[i]).toMatchObject({ cpus: [cpu], node: 1, residentPages: { elsewhere: 0 } });
      expect(seen[i]?.residentPages?.onNode).toBeGreaterThanOrEqual(8e6 / 4096);
    }
  });
}
