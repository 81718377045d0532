import { readFileSync } from 'node:fs';

// The kernel counts in these, whatever its own clock does.
const MILLISECONDS_PER_TICK = 10;

/**
 * Milliseconds that the hypervisor has kept the cpus of this machine from running although they had
 * work, since it was started, all cpus together; 0 where the system does not tell.
 */
export function stolenMilliseconds(): number {
  try {
    const [, ticks] = /^cpu +(?:\d+ ){7}(\d+)/.exec(readFileSync('/proc/stat', 'latin1')) ?? [];
    return Number(ticks ?? 0) * MILLISECONDS_PER_TICK;
  } catch {
    return 0;
  }
}
