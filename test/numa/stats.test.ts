import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arena, clearArenaPool, configure, stats } from 'arena-pirate';
import { beforeEach, describe, expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { works } from '../support/pinning.js';
import { packageRoot } from '../support/run.js';

const MIB = 2 ** 20;
const PAGE = 4096;

const refuse = (...calls: string[]) => [
  'python3',
  join(packageRoot, 'test/support/refuse.py'),
  calls.join(','),
];
const isLinux = process.platform === 'linux';
const tellsPages = isLinux && stats().numa.residentPages !== undefined;
const sandboxes = tellsPages && works([...refuse('move_pages'), 'true']);

beforeEach(() => {
  clearArenaPool();
});

describe.skipIf(!tellsPages)(
  `stats().numa${tellsPages ? '' : ' (skipped: the kernel does not say where pages are)'}`,
  () => {
    it('counts no page before any has been touched', () => {
      const { residentPages, hugePages, sampling, node } = stats().numa;
      expect(residentPages).toEqual({ onNode: 0, elsewhere: 0, byNode: {} });
      if (hugePages !== undefined) expect(hugePages).toEqual(residentPages);
      expect(sampling).toBe(1);
      expect(node).toBeGreaterThanOrEqual(0);
    });

    it('counts each page that was touched, once, as long as they are there', async () => {
      const pages = await inChild(
        ({ arena, clearArenaPool, stats }) => {
          const seen = [];
          arena.sync(() => {
            const array = new Uint8Array(6 * 2 ** 20);
            array[0] = 1;
            seen.push(stats().numa.residentPages);
            array.fill(1, 2 ** 21, 2 ** 22);
            seen.push(stats().numa.residentPages);
          });
          clearArenaPool();
          seen.push(stats().numa.residentPages);
          return seen.map((pages) => (pages ? pages.onNode + pages.elsewhere : -1));
        },
        { env: { ARENA_PIRATE_HUGE_PAGES: '0' } },
      );
      const [one, more, none] = pages as [number, number, number];
      // Machines that give huge pages to everyone count more.
      expect([1, 512]).toContain(one);
      expect(more - one).toBe(512);
      expect(none).toBe(0);
    });

    it('counts as many bytes as are resident', () => {
      arena.sync(() => {
        new Uint8Array(20 * MIB).fill(1);
        const { thread, numa } = stats();
        const { onNode, elsewhere, byNode } = numa.residentPages ?? {};
        expect(((onNode ?? 0) + (elsewhere ?? 0)) * PAGE).toBe(thread.bytes.resident);
        expect(Object.values(byNode ?? {}).reduce((a, b) => a + b, 0)).toBe(
          (onNode ?? 0) + (elsewhere ?? 0),
        );
      });
    });

    it('counts huge pages that the kernel lists', ({ skip }) => {
      const array = arena.sync(() => new Uint8Array(8 * MIB).fill(1));
      const { hugePages } = stats().numa;
      if (hugePages === undefined) return skip('this kernel does not tell where huge pages are');
      const smaps = readFileSync('/proc/self/smaps', 'latin1');
      const arenas = smaps.split(/^(?=\w+-\w+ )/m).filter((text) => /^VmFlags:.* hg/m.test(text));
      const listed = arenas.join('').matchAll(/^AnonHugePages:\s+(\d+) kB$/gm);
      const kib = [...listed].reduce((sum, [, n]) => sum + Number(n), 0);
      expect((hugePages.onNode + hugePages.elsewhere) * 2048).toBe(kib);
      expect(array[0]).toBe(1);
    });

    it('asks about a sample past 64 MiB, and comes within a hundredth', () => {
      arena.sync(() => {
        new Uint8Array(100 * MIB).fill(1);
        const { residentPages, sampling } = stats().numa;
        const pages = (residentPages?.onNode ?? 0) + (residentPages?.elsewhere ?? 0);
        expect(sampling).toBeGreaterThan(1);
        expect(Math.abs((pages * PAGE) / (100 * MIB) - 1)).toBeLessThan(0.01);
      });
    });
  },
);

describe.skipIf(!sandboxes)(
  `in a sandbox${sandboxes ? '' : ' (skipped: no python3 or no seccomp here)'}`,
  () => {
    it('that refuses move_pages, where pages are is unknown, and nothing else is', async () => {
      const seen = await inChild(
        ({ arena, stats }) => arena.sync(() => [new Uint8Array(1e7).fill(1)[5], stats()] as const),
        { launcher: refuse('move_pages') },
      );
      const [five, { numa, thread }] = seen;
      expect(five).toBe(1);
      expect(numa).toEqual({ node: expect.any(Number), sampling: 1 });
      expect(thread.bytes.resident).toBeGreaterThan(1e7);
    });
  },
);

describe('configure({ numa })', () => {
  it("is 'local' at first, and takes what there is", () => {
    expect(configure().numa).toBe('local');
    for (const numa of ['interleave', 0, 'local'] as const) {
      expect(configure({ numa }).numa).toBe(numa);
      const array = arena.sync(() => new Uint8Array(3 * MIB).fill(1));
      expect(array.at(-1)).toBe(1);
    }
    expect(stats().thread.refusals.policies).toBe(0);
  });

  it.each(['near', 77, -1, -2, 0.5, '0', true, null])('refuses %s', (numa) => {
    expect(() => configure({ numa: numa as never })).toThrow(
      /^Expected 'local', 'interleave' or the id of a NUMA node with memory \(0.*\) for numa but/,
    );
    expect(configure().numa).toBe('local');
  });

  it('has the kernel keep to it', async () => {
    const policies = await inChild(({ arena, clearArenaPool, configure }) =>
      (['local', 'interleave'] as const).map((numa) => {
        configure({ numa });
        const array = arena.sync(() => new Uint8Array(3 * 2 ** 20).fill(1));
        const { readFileSync } = process.getBuiltinModule('node:fs');
        const starts = readFileSync('/proc/self/smaps', 'latin1')
          .split(/^(?=\w+-\w+ )/m)
          .filter((text) => /^VmFlags:.* hg/m.test(text))
          .map((text) => text.split('-', 1)[0] as string);
        const maps = readFileSync('/proc/self/numa_maps', 'latin1').split('\n');
        const policies = maps
          .map((line) => line.split(' '))
          .filter(([start]) => starts.includes(start as string))
          .map(([, policy]) => policy);
        clearArenaPool();
        return [array.length, [...new Set(policies)].join()];
      }),
    );
    expect(policies.map(([, policy]) => policy)).toEqual(['local', 'local']);
  });
});
