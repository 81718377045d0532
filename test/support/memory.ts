// What a process holds. The functions refer to nothing outside, because child processes get them
// as source text.

/** Bytes of anonymous mappings that may be arenas, as the kernel lists them. */
export function arenaMappedBytes(): number {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  let bytes = 0;
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [, start, end, name] =
      /^(\w+)-(\w+) rw-p 00000000 00:00 0 *(\[anon:arena-pirate\])?$/.exec(line) ?? [];
    const length = Number.parseInt(end ?? '0', 16) - Number.parseInt(start ?? '0', 16);
    // Kernels without names: nothing else in Node maps multiples of 128 MiB readable and writable,
    // and what a sanitizer maps is terabytes.
    const arenas = length / (128 * 2 ** 20);
    if (name !== undefined || (Number.isInteger(arenas) && arenas < 1000)) bytes += length;
  }
  return bytes;
}

/** MiB of this process that are in memory. */
export function residentMiB(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Forces collections until finalizers and the event loop have had their turns, too. */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs one collection. Node 20 takes `gc` with any argument for a wish for a minor one. */
export function collect(type: 'minor' | 'major'): void {
  if (type === 'minor') globalThis.gc?.({ type });
  else globalThis.gc?.();
}
