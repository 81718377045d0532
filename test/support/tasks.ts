// The threads of a process as the kernel lists them. The functions refer to nothing outside, because
// child processes get them as source text.

/**
 * The cpus that each thread of this process but those in `except` may run on, such as `0-1`, by the
 * system's thread id.
 */
export function taskCpus(except: readonly number[] = []): Record<number, string> {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
  const cpus: Record<number, string> = {};
  for (const tid of readdirSync('/proc/self/task')) {
    if (except.includes(Number(tid))) continue;
    try {
      const status = readFileSync(`/proc/self/task/${tid}/status`, 'latin1');
      cpus[Number(tid)] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
    } catch {
      // It has ended since it was listed.
    }
  }
  return cpus;
}

/** Waits for `condition` without letting the event loop run. @returns whether it came true */
export function waitSync(condition: () => boolean, milliseconds = 5000): boolean {
  const end = Date.now() + milliseconds;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!condition()) {
    if (Date.now() > end) return false;
    Atomics.wait(cell, 0, 0, 5);
  }
  return true;
}

/** The next message of a worker. */
export function messageOf<T>(worker: import('node:worker_threads').Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the worker has ended')));
  });
}
