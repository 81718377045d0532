import path from 'node:path';
import { parseCpuList } from './cpu-sets.js';
import type { MachineFiles } from './files.js';

interface Mount {
  readonly folder: string;
  readonly type: string;
  readonly options: readonly string[];
}

// White space in a path is written in octal.
const withoutEscapes = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));

function mounts(files: MachineFiles): Mount[] {
  const text = files.text('proc/self/mounts') ?? files.text('proc/mounts') ?? '';
  return text.split('\n').map((line) => {
    const [, folder = '', type = '', options = ''] = line.split(' ');
    return { folder: withoutEscapes(folder), type, options: options.split(',') };
  });
}

/** The path of this process's group, by hierarchy: that of version 2, and that of `cpuset`. */
function groupPaths(files: MachineFiles): { unified?: string; cpuset?: string } {
  const paths: { unified?: string; cpuset?: string } = {};
  for (const line of (files.text('proc/self/cgroup') ?? '').split('\n')) {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (hierarchy === '0' && controllers === '') paths.unified = group as string;
    if (controllers?.split(',').includes('cpuset')) paths.cpuset = group as string;
  }
  const either = files.text('proc/self/cpuset');
  if (either?.startsWith('/')) {
    paths.unified ??= either;
    paths.cpuset ??= either;
  }
  return paths;
}

/**
 * @returns the cpus that the nearest group at or above `group` is given. In a container the path may
 * be the host's, and the mount the container's own group.
 */
function nearest(files: MachineFiles, mount: string, group: string, names: readonly string[]) {
  // A path with `..` leads out of what this process can see.
  let at = group.split('/').includes('..') ? '/' : path.posix.normalize(group);
  for (;;) {
    for (const name of names) {
      const ids = files.list(path.posix.join(mount, at, name));
      if (ids !== undefined && ids.length > 0) return ids;
    }
    if (at === '/') return undefined;
    at = path.posix.dirname(at);
  }
}

function groupCpus(files: MachineFiles): number[][] {
  const paths = groupPaths(files);
  const found: (number[] | undefined)[] = mounts(files).map(({ folder, type, options }) => {
    if (type === 'cgroup2') {
      return nearest(files, folder, paths.unified ?? '/', ['cpuset.cpus.effective']);
    }
    if (type === 'cpuset' || (type === 'cgroup' && options.includes('cpuset'))) {
      // Only with that option may a group have fewer cpus than its file says.
      const effective = options.includes('cpuset_v2_mode') ? ['cpuset.effective_cpus'] : [];
      const names = [...effective, 'cpuset.cpus', 'cpus'];
      return nearest(files, folder, paths.cpuset ?? '/', names);
    }
    return undefined;
  });
  return found.filter((ids) => ids !== undefined);
}

/** @returns the cpus of the mask that a recorded or running process has; undefined where not told */
function maskOfProcess(files: MachineFiles): number[] | undefined {
  const text = /^Cpus_allowed_list:\s*(\S+)\s*$/m.exec(files.text('proc/self/status') ?? '')?.[1];
  const ids = text === undefined ? undefined : parseCpuList(text);
  return ids?.length === 0 ? undefined : ids;
}

/**
 * @param online the ids of the online cpus
 * @param startMask the cpus that the process was allowed when it started
 * @defaultValue of `startMask`: what `proc/self/status` says
 * @returns the cpus that this process may use
 */
export function allowedCpus(
  files: MachineFiles,
  online: readonly number[],
  startMask: readonly number[] | undefined = maskOfProcess(files),
): ReadonlySet<number> {
  const within = (ids: readonly number[], limit: readonly number[]) => {
    const some = ids.filter((id) => limit.includes(id));
    // The kernel, too, forgets a mask of which a group leaves nothing.
    return some.length > 0 ? some : ids;
  };
  const inGroup = groupCpus(files).reduce(within, online);
  return new Set(startMask === undefined ? inGroup : within(inGroup, startMask));
}
