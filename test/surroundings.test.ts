// Processes that lack what a process usually has around it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';
import { packageRoot } from './support/run.js';

const MIB = 2 ** 20;

/** A command that runs `script` and then the command that follows it. */
const shell = (script: string, ...args: string[]) => [
  'sh',
  '-c',
  `${script} && shift ${args.length} && exec "$@"`,
  'sh',
  ...args,
];

const works = ([command, ...args]: string[]) =>
  spawnSync(command as string, [...args, 'true']).status === 0;

const ownMounts = ['unshare', '--mount'];
const because = (possible: boolean, what: string) => (possible ? '' : ` (skipped: ${what})`);

/** Scopes of both kinds, one after the other, which hand out `mebibytes` in all. */
const workload = ({ arena, fillPattern, holdsPattern, stats }: Kit, mebibytes: number) => {
  const sizes = [1000, 70_000, 900_000, 3_000_000];
  let wrong = 0;
  let left = mebibytes * 2 ** 20;
  for (let round = 0; left > 0; round++) {
    const size = sizes[round % sizes.length] as number;
    left -= size;
    arena.sync(
      () => {
        const array = new Uint8Array(size);
        if (array[0] !== 0 || array[size - 1] !== 0) wrong++;
        array.fill(round);
        const pattern = fillPattern(array.subarray(size >> 1, (size >> 1) + 100), round);
        if (!holdsPattern(pattern, round) || array[size - 1] !== (round & 255)) wrong++;
      },
      { release: round % 2 === 0 ? 'collected' : 'exit' },
    );
  }
  const { captured, fallbacks } = stats().thread;
  return { wrong, captured: captured > 0, fallbacks: Object.values(fallbacks).some((n) => n > 0) };
};
const right = { wrong: 0, captured: true, fallbacks: false };

const withoutProc = [...ownMounts, ...shell('umount --lazy /proc')];
const canHideProc = works(withoutProc);

describe.skipIf(!canHideProc)(`without /proc${because(canHideProc, 'no own mounts here')}`, () => {
  it('scopes serve as with it', async () => {
    const result = await inChild(workload, { launcher: withoutProc }, 50);
    expect(result).toEqual(right);
  });

  it('stats and threadInfo tell what they can', async () => {
    const seen = await inChild(
      ({ arena, stats, threadInfo }) => {
        const { existsSync } = require('node:fs') as typeof import('node:fs');
        arena.sync(() => new Uint8Array(100_000).fill(1));
        const { bytes, arenas } = stats().thread;
        return {
          proc: existsSync('/proc/self'),
          arenas,
          resident: (bytes.resident ?? 0) > 0,
          threads: threadInfo().threads.length,
        };
      },
      { launcher: withoutProc },
    );
    expect(seen).toEqual({ proc: false, arenas: 1, resident: true, threads: 1 });
  });
});

const readOnly = [
  ...ownMounts,
  ...shell('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"', packageRoot),
];
const canProtect = works(readOnly);

describe.skipIf(!canProtect)(
  `on a read-only file system${because(canProtect, 'no own mounts here')}`,
  () => {
    it('the package loads and scopes serve', async () => {
      const result = await inChild(
        (kit, file: string, source: string) => {
          const { writeFileSync } = require('node:fs') as typeof import('node:fs');
          let code: string | undefined;
          try {
            writeFileSync(file, '');
          } catch (error) {
            code = (error as NodeJS.ErrnoException).code;
          }
          return { code, ...new Function('kit', `return (${source})(kit, 20)`)(kit) };
        },
        { launcher: readOnly },
        join(packageRoot, 'written-by-a-test'),
        String(workload),
      );
      expect(result).toEqual({ code: 'EROFS', ...right });
    });

    it('arena-pirate build says that it cannot, and leaves what is built', () => {
      const binary = join(packageRoot, 'build/Release/arena_pirate.node');
      const built = statSync(binary).mtimeMs;
      const [command, ...args] = readOnly as [string, ...string[]];
      const cli = [process.execPath, join(packageRoot, 'dist/cli.js'), 'build'];
      const { status, stderr } = spawnSync(command, [...args, ...cli], { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toMatch(/cannot be written to \(EROFS\)\. Run `npx arena-pirate build` as/);
      expect(statSync(binary).mtimeMs).toBe(built);
    });
  },
);

/** A group of this process's own whose memory is limited, where the machine lets one make it. */
function limitedGroup(bytes: number): string | undefined {
  const own = (controller: string) =>
    new RegExp(`^\\d+:${controller}:/?(.*)$`, 'm').exec(readFileSync('/proc/self/cgroup', 'utf8'));
  const candidates = [
    { root: '/sys/fs/cgroup/memory', path: own('memory')?.[1], limit: 'memory.limit_in_bytes' },
    { root: '/sys/fs/cgroup', path: own('')?.[1], limit: 'memory.max' },
  ];
  for (const { root, path, limit } of candidates) {
    if (path === undefined || !existsSync(join(root, path))) continue;
    const group = join(root, path, `arena-pirate-${process.pid}`);
    try {
      mkdirSync(group);
      writeFileSync(join(group, limit), String(bytes));
      return group;
    } catch {
      if (existsSync(group)) rmdirSync(group);
    }
  }
  return undefined;
}

const LIMIT = 256 * MIB;
const group = process.platform === 'linux' ? limitedGroup(LIMIT) : undefined;
afterAll(() => {
  if (group !== undefined) rmdirSync(group);
});

describe.skipIf(group === undefined)(
  `in a cgroup of 256 MiB${because(group !== undefined, 'none can be made here')}`,
  () => {
    const limited = shell('echo $$ > "$1"', join(group ?? '', 'cgroup.procs'));

    it('two gigabytes go through scopes, and the pool keeps to half of the limit', async () => {
      const seen = await inChild(
        (kit, source: string) => {
          const result = new Function('kit', `return (${source})(kit, 2048)`)(kit);
          // Node 20 sees only the limit of the outermost group.
          const limit = process.constrainedMemory();
          return { ...result, limit, maxBytes: kit.configure().maxBytes };
        },
        { launcher: limited },
        String(workload),
      );
      const { limit, maxBytes, ...result } = seen;
      expect(result).toEqual(right);
      if (limit === LIMIT) expect(maxBytes).toBe(LIMIT / 2);
    });
  },
);

describe('with no home, no temporary folder and no variables of the environment', () => {
  it('scopes serve', async () => {
    const launcher = ['env', '--ignore-environment', 'TMPDIR=/nonexistent', 'HOME=/nonexistent'];
    expect(await inChild(workload, { launcher }, 20)).toEqual(right);
  });
});
