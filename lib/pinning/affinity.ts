import { constants } from 'node:os';
import { invalidArgument } from '../errors.js';
import { native } from '../native.js';
import { formatCpuList } from '../topology/cpu-sets.js';
import { requireCpus, requireDone, requireKnown } from './refusals.js';

const { EINVAL } = constants.errno;

// Far more than any kernel is built for.
const MOST_CPUS = 65_536;

/**
 * The cpus that the calling thread may run on.
 *
 * @returns ids of cpus as the OS counts them, ascending
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where the system does not tell
 */
export function getAffinity(): number[] {
  return requireCpus(native.affinity(0));
}

/**
 * Has the calling thread run on these cpus only, until it is pinned or released. Other threads stay
 * where they are. `pinThreads` is the better way to place more than one thread.
 *
 * @param cpus - ids of cpus as the OS counts them, in any order
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG` when one of them does not exist or is withheld
 *   from this process, nothing has changed then; `ERR_ARENA_UNSUPPORTED` where the system refuses
 */
export function setAffinity(cpus: readonly number[]): void {
  const isCpu = (id: unknown) => Number.isInteger(id) && (id as number) >= 0;
  if (!Array.isArray(cpus) || cpus.length === 0) {
    throw invalidArgument('cpus', 'a list of at least one cpu id', cpus);
  }
  for (const [i, id] of cpus.entries()) {
    if (!isCpu(id) || id >= MOST_CPUS) throw invalidArgument(`cpus[${i}]`, 'the id of a cpu', id);
  }
  const before = getAffinity();
  const wanted = [...new Set(cpus)].sort((a, b) => a - b);
  native.startThreadPool();
  const errno = native.moveSelf(wanted);
  if (errno === 0 && formatCpuList(getAffinity()) === formatCpuList(wanted)) return;
  // The kernel leaves out what it does not have, and says so only when nothing is left.
  if (errno === 0) requireDone('sched_setaffinity', native.moveSelf(before));
  else if (errno !== EINVAL) requireDone('sched_setaffinity', errno);
  const start = formatCpuList(requireCpus(native.startAffinity()));
  throw invalidArgument('cpus', `cpus that this process may use (${start})`, formatCpuList(wanted));
}

/**
 * The cpu that the calling thread is running on; the next moment it may be another one, unless the
 * thread is pinned.
 *
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where the system does not tell
 */
export function getCpuId(): number {
  return requireKnown(native.currentCpu());
}

/**
 * The NUMA node of the cpu that the calling thread is running on.
 *
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where the system does not tell
 */
export function getNumaNode(): number {
  return requireKnown(native.currentNode());
}

/**
 * Whether the calling thread can run on one cpu only, whoever has seen to that.
 *
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where the system does not tell
 */
export function isPinned(): boolean {
  return getAffinity().length === 1;
}
