import { readFileSync } from 'node:fs';
import { KIB } from '../settings.js';

/**
 * The most resident memory that this process has had, in bytes; undefined where the system does not
 * say. Not `process.resourceUsage().maxRSS`, which begins with that of the process that started
 * this one.
 */
export function peakResident(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return peak === undefined ? undefined : Number(peak) * KIB;
}
