// What most programs never call is loaded when it is first called.
import { describe, expect, it } from 'vitest';
import { inChild } from './support/child.js';

describe('loading the package', () => {
  it('loads no code of checked mode, maps on threads, pinning and pictures', async () => {
    const files = await inChild(() =>
      Object.keys(require.cache).filter((file) => /[\\/]dist[\\/]/.test(file)),
    );
    const rest = /checked|escapes|numa-stats|parallel|thread-info|pinning[\\/](pin|plan|likwid)\./;
    expect(files.length).toBeGreaterThan(30);
    expect(files.filter((file) => rest.test(file))).toEqual([]);
  });
});

describe('a function whose code is loaded by its first call', () => {
  it('takes nothing from the arena of the scope that calls it', async () => {
    const seen = await inChild(({ arena, core, findEscapes, isArenaArray, pinThreads }) => {
      const codeOf = (refuses: (...args: never[]) => unknown) => {
        try {
          refuses();
          return 'none';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      // What modules would make while they are loaded.
      const made: Float64Array[] = [];
      const { extensions } = require;
      const load = extensions['.js'] as (module: NodeJS.Module, file: string) => void;
      extensions['.js'] = (module, file) => {
        made.push(new Float64Array(100));
        load(module, file);
      };
      const [codes, own] = arena.sync(() => {
        core(0);
        return [[findEscapes, pinThreads].map(codeOf), new Float64Array(100)];
      });
      const captured = made.filter(isArenaArray).length;
      return { codes, own: isArenaArray(own), loaded: made.length, captured };
    });
    expect(seen.codes).toEqual(Array(2).fill('ERR_ARENA_INVALID_ARG'));
    expect(seen).toMatchObject({ own: true, captured: 0 });
    expect(seen.loaded).toBeGreaterThan(10);
  });

  it('is called as it was, by its name, again and again', async () => {
    const seen = await inChild(({ planPinning, numa, socket }) => {
      const topology = require('arena-pirate').readTopology();
      const plan = () => planPinning(numa(topology.numaNodes[0].id), { topology, threads: 2 });
      return { names: [planPinning.name, socket.name], same: [plan(), plan()] };
    });
    expect(seen.names).toEqual(['planPinning', 'socket']);
    expect(seen.same[0]?.placements).toHaveLength(2);
    expect(seen.same[1]).toEqual(seen.same[0]);
  });

  it('works in a checked scope that is the first one', async () => {
    const found = await inChild(async ({ arena, configure, findEscapes }) => {
      configure({ check: true });
      const sum = arena(() => arena.sync(() => new Float64Array(100).fill(1).length), {
        release: 'exit',
      });
      const kept: unknown[] = [];
      const escapes = findEscapes(() =>
        arena.sync(() => void kept.push(new Float64Array(100)), { release: 'exit' }),
      );
      return [sum, escapes.length, kept.length];
    });
    expect(found).toEqual([100, 1, 1]);
  });
});
