import { readTopology } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { type Files, listOf, withFiles } from '../support/machines.js';

const eight: Files = Object.fromEntries(
  Array.from({ length: 8 }, (_, id) => [`sys/devices/system/cpu/cpu${id}/topology/core_id`, '0']),
);

/** The cpus that are usable on a machine with cpus 0 to 7 and these files. */
function usable(files: Files): string {
  const { cpus } = withFiles({ ...eight, ...files }, (root) => readTopology({ root }));
  return listOf(cpus.filter((cpu) => cpu.usable).map(({ id }) => id));
}

const v1 = 'cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0';
const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0';
const mask = (list: string) => `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n`;

describe('the cpus that a process may use', () => {
  it('are the online ones where nothing limits it', () => {
    expect(usable({ 'sys/devices/system/cpu/online': '0-3,5' })).toBe('0-3,5');
  });

  it('are those of its mask that are online', () => {
    const files = {
      'sys/devices/system/cpu/online': '0-3',
      'proc/self/status': mask('2-5,9'),
    };
    expect(usable(files)).toBe('2-3');
  });

  it('are those of its group under version 1', () => {
    const files = {
      'proc/self/mounts': `proc /proc proc rw 0 0\n${v1}`,
      'proc/self/cgroup': '5:cpuset:/jobs/7\n3:cpu,cpuacct:/elsewhere\n0::/user.slice',
      'sys/fs/cgroup/cpuset/cpuset.cpus': '0-7',
      'sys/fs/cgroup/cpuset/jobs/7/cpuset.cpus': '1,4-5',
      'sys/fs/cgroup/cpuset/elsewhere/cpuset.cpus': '0',
    };
    expect(usable(files)).toBe('1,4-5');
    expect(usable({ ...files, 'proc/self/status': mask('0-4') })).toBe('1,4');
  });

  it('are those of its group in the file system that version 1 comes from', () => {
    const files = {
      'proc/mounts': 'none /dev/cpu\\040sets cpuset rw 0 0',
      'proc/self/cpuset': '/dummy',
      'dev/cpu sets/dummy/cpus': '0-2,6',
    };
    expect(usable(files)).toBe('0-2,6');
  });

  it('are those of the nearest group with the controller under version 2', () => {
    const files = {
      'proc/self/mounts': v2,
      'proc/self/cgroup': '0::/system.slice/a.service/worker',
      'sys/fs/cgroup/cpuset.cpus.effective': '0-7',
      'sys/fs/cgroup/system.slice/cpuset.cpus.effective': '3-6',
      'sys/fs/cgroup/system.slice/cpuset.cpus': '',
      'sys/fs/cgroup/other/cpuset.cpus.effective': '0',
    };
    expect(usable(files)).toBe('3-6');
  });

  it.each([
    ['/docker/0123', "the host's path of its group"],
    ['/../other', 'a path out of what it can see'],
  ])('are those of the mount in a container that is told %s, %s', (group) => {
    const files = {
      'proc/self/mounts': v2,
      'proc/self/cgroup': `0::${group}`,
      'sys/fs/cgroup/cpuset.cpus.effective': '2',
      'sys/fs/cgroup/other/cpuset.cpus.effective': '5',
      'sys/fs/other/cpuset.cpus.effective': '6',
    };
    expect(usable(files)).toBe('2');
  });

  it('are those of both versions where both are mounted', () => {
    const files = {
      'proc/self/mounts': `${v1}\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`,
      'proc/self/cgroup': '5:cpuset:/a\n0::/b',
      'sys/fs/cgroup/cpuset/a/cpuset.cpus': '0-4',
      'sys/fs/cgroup/unified/b/cpuset.cpus.effective': '3-6',
    };
    expect(usable(files)).toBe('3-4');
  });

  it('are what the group has in effect where version 1 is to act as version 2', () => {
    const files = {
      'proc/self/mounts': `${v1.replace('relatime', 'cpuset_v2_mode')}`,
      'proc/self/cgroup': '5:cpuset:/a',
      'sys/fs/cgroup/cpuset/a/cpuset.cpus': '0-4',
      'sys/fs/cgroup/cpuset/a/cpuset.effective_cpus': '0-1',
    };
    expect(usable(files)).toBe('0-1');
    expect(usable({ ...files, 'proc/self/mounts': v1 })).toBe('0-4');
  });

  it('are never none: a mask that a group leaves nothing of counts no more', () => {
    const files = {
      'proc/self/mounts': v2,
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/cpuset.cpus.effective': '6-7',
      'proc/self/status': mask('0-3'),
    };
    expect(usable(files)).toBe('6-7');
  });

  it('do not depend on files that make no sense', () => {
    const files = {
      'proc/self/mounts': `${v2}\n\ngarbage`,
      'proc/self/cgroup': 'garbage\n0:',
      'sys/fs/cgroup/cpuset.cpus.effective': '5-2',
      'proc/self/status': mask('x'),
    };
    expect(usable(files)).toBe('0-7');
  });
});
