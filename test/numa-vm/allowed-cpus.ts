import { describe, expect, it } from 'vitest';
import type { Guest } from './support/on-machine.js';

/** Tests that nothing but what the process may use is used, on a machine with cpus 0 to 3. */
export function allowedCpusTests(guest: Guest): void {
  describe.each([
    {
      name: 'the affinity that the process was started with',
      before: '',
      setting: 'taskset -p 6 $$ > /dev/null',
      after: '',
      allowed: '1-2',
    },
    {
      name: 'a cgroup',
      before: `
        mount -t cgroup2 none /sys/fs/cgroup
        echo +cpuset > /sys/fs/cgroup/cgroup.subtree_control
        mkdir /sys/fs/cgroup/box
        echo 2-3 > /sys/fs/cgroup/box/cpuset.cpus`,
      setting: 'echo $$ > /sys/fs/cgroup/box/cgroup.procs',
      after: 'rmdir /sys/fs/cgroup/box; umount /sys/fs/cgroup',
      allowed: '2-3',
    },
    {
      name: 'cpus that are offline',
      before: 'echo 0 > /sys/devices/system/cpu/cpu2/online',
      setting: '',
      after: 'echo 1 > /sys/devices/system/cpu/cpu2/online',
      allowed: '0-1,3',
    },
  ])('within $name', ({ before, setting, after, allowed }) => {
    it('uses the others only, and says which when one of these is asked for', async () => {
      const seen = await guest.run(
        ({ inProcess, shell }, before, setting, after) => {
          shell(before);
          const result = inProcess(setting, (pirate) => {
            const { readFileSync } = process.getBuiltinModule('node:fs');
            const affinity = () =>
              /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
            const strategies = ['cputhreads', 'cores', 'sockets', 'numa', 'random', 'firstn'];
            const cpus = pirate.readTopology().cpus;
            const usable = cpus.filter((cpu) => cpu.usable).map((cpu) => cpu.id);
            const chosen = strategies.map((strategy) => {
              const topology = pirate.readTopology();
              const plan = pirate.planPinning(strategy, { topology, threads: 4 });
              return plan.placements.map(({ cpu }) => cpu).sort();
            });
            const pinned = strategies.map((strategy) => {
              const { placements } = pirate.pinThreads(strategy);
              return { cpu: placements[0]?.cpu, affinity: affinity() };
            });
            const forbidden = cpus.find((cpu) => !cpu.usable)?.id ?? 4;
            let refusal = 'none';
            try {
              pirate.pinThreads([forbidden]);
            } catch (error) {
              refusal = (error as Error).message;
            }
            pirate.unpinThreads();
            return { usable, chosen, pinned, refusal, released: affinity() };
          });
          shell(after);
          return result;
        },
        before,
        setting,
        after,
      );
      const usable = allowed.split(',').flatMap((range) => {
        const [first = 0, last = first] = range.split('-').map(Number);
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
      });
      expect(seen.usable).toEqual(usable);
      for (const chosen of seen.chosen) expect([...new Set(chosen)]).toEqual(usable);
      for (const { cpu, affinity } of seen.pinned) {
        expect(usable).toContain(cpu);
        expect(affinity).toBe(String(cpu));
      }
      expect(seen.refusal).toMatch(/ERR_ARENA_INVALID_ARG/);
      expect(seen.refusal).toContain(`(${allowed})`);
      expect(seen.released).toBe(allowed);
    });
  });

  it('takes memory from the nodes only that its cgroup leaves it', async () => {
    const seen = await guest.run(({ inProcess, shell }) => {
      shell(`
        mount -t cgroup2 none /sys/fs/cgroup
        echo +cpuset > /sys/fs/cgroup/cgroup.subtree_control
        mkdir /sys/fs/cgroup/box
        echo 1 > /sys/fs/cgroup/box/cpuset.mems`);
      return inProcess('echo $$ > /sys/fs/cgroup/box/cgroup.procs', (pirate) => {
        let refusal = 'none';
        try {
          pirate.configure({ numa: 0 });
        } catch (error) {
          refusal = (error as Error).message;
        }
        pirate.pinThreads([0]);
        const kept = pirate.arena(() => new Float64Array(1e6).fill(1));
        return { refusal, numa: pirate.stats().numa, last: kept[999_999] };
      });
    });
    expect(seen.refusal).toMatch(/with memory \(1\) for numa but received 0/);
    expect(seen.numa).toMatchObject({ node: 0, residentPages: { onNode: 0 } });
    expect(seen.numa.residentPages?.byNode).toEqual({ 1: expect.any(Number) });
  });
}
