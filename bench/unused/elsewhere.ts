/**
 * Loaded before everything else in processes where scopes are open elsewhere: each holds arena memory, waits, allocates
 * a little and waits again, for as long as the process lives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { arena } from 'arena-pirate';

const BYTES = 1 << 20;
const MILLISECONDS = 50;

for (const release of ['collected', 'exit'] as const) {
  arena(live, { release }).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}

async function live(): Promise<never> {
  const kept = new Uint8Array(BYTES).fill(1);
  for (let i = 0; ; i++) {
    await sleep(MILLISECONDS, undefined, { ref: false });
    const fresh = new Float64Array(128);
    if (fresh[i % 128] !== 0 || kept[i % BYTES] !== 1) throw new Error('arena memory has changed');
  }
}
