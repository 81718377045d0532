import { constants } from 'node:os';
import { ArenaError, invalidArgument } from '../errors.js';
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
 * where they are. `pinThreads` is the better way to place more than one thread, and keeps to the cpus
 * that the process was started with (`taskset`); this here does not, as little as the system does.
 *
 * @param cpus - ids of cpus as the OS counts them, in any order
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG` when one of them does not exist, is offline or
 *   withheld from the cgroup of this process, nothing has changed then; `ERR_ARENA_UNSUPPORTED` where the system refuses
 */
export function setAffinity(cpus: readonly number[]): void {
  const isCpu = (id: unknown) => Number.isInteger(id) && (id as number) >= 0;
  if (!Array.isArray(cpus)) throw invalidArgument('cpus', 'a list of cpu ids', cpus);
  if (cpus.length === 0) {
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      'Expected at least one cpu id for cpus but received an empty list',
    );
  }
  for (const [i, id] of cpus.entries()) {
    if (!isCpu(id) || id >= MOST_CPUS) throw invalidArgument(`cpus[${i}]`, 'the id of a cpu', id);
  }
  const before = getAffinity();
  const wanted = [...new Set(cpus)].sort((a, b) => a - b);
  native.startThreadPool();
  const errno = native.moveSelf(wanted);
  if (errno !== EINVAL) requireDone('sched_setaffinity', errno);
  // The kernel leaves out what it does not have or let go, and says so only when nothing is left.
  const given = new Set(errno === 0 ? getAffinity() : []);
  const missing = wanted.find((id) => !given.has(id));
  if (missing === undefined) return;
  requireDone(
    'sched_setaffinity',
    native.moveSelf(Array.from({ length: MOST_CPUS }, (_, id) => id)),
  );
  const possible = formatCpuList(getAffinity());
  requireDone('sched_setaffinity', native.moveSelf(before));
  const name = `cpus[${cpus.indexOf(missing)}]`;
  throw invalidArgument(name, `a cpu that the system lets this process use (${possible})`, missing);
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
