let startMask: readonly number[] | undefined;

/**
 * Notes which cpus the process was started with: what the system says later may be what it was pinned
 * to.
 *
 * @param cpus - ids, ascending; undefined when the system does not say
 */
export function noteStartMask(cpus: readonly number[] | undefined): void {
  startMask = cpus;
}

/** Ids of the cpus that this process was started with, as far as that has been noted. */
export function notedStartMask(): readonly number[] | undefined {
  return startMask;
}
