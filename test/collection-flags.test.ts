// Collections that scopes ask for turn flags of V8's off for a moment. What a program or whoever starts it says of those
// flags is to stay.
import { describe, expect, it } from 'vitest';
import { packageRoot, run } from './support/run.js';

/** What is set from the first collection to the last, in order. */
function settingsWith(flags: readonly string[]): string[] {
  const program = `
    const v8 = require('node:v8');
    const { setFlagsFromString } = v8;
    const settings = [];
    v8.setFlagsFromString = (flags) => {
      settings.push(flags);
      setFlagsFromString(flags);
    };
    const { arena, stats } = require(${JSON.stringify(packageRoot)});
    for (let i = 0; i < 4000; i++) arena.sync(() => new Float64Array(20_000)[0] = 1);
    if (stats().thread.collections.count === 0) throw new Error('nothing has been collected');
    console.log(JSON.stringify(settings));`;
  const { status, stdout, stderr } = run(process.execPath, [...flags, '--eval', program]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return (JSON.parse(stdout) as string[]).filter((setting) => !setting.includes('expose-gc'));
}

describe('flags of V8 that collections turn off', () => {
  it('are on again after each', () => {
    const settings = settingsWith([]);
    expect(settings.length).toBeGreaterThan(2);
    const off = '--no-parallel-scavenge --no-concurrent-array-buffer-sweeping';
    const on = '--parallel-scavenge --concurrent-array-buffer-sweeping';
    expect(settings).toEqual(settings.map((_, i) => (i % 2 === 0 ? off : on)));
    expect(settings.at(-1)).toBe(on);
  });

  for (const flag of [
    '--no-parallel-scavenge',
    '--no_parallel_scavenge',
    '--noconcurrent-array-buffer-sweeping',
    '--single-threaded-gc',
    '--predictable',
    '--freeze-flags-after-init --expose-gc',
  ]) {
    it(`are left alone under ${flag}`, () => {
      expect(settingsWith(flag.split(' '))).toEqual([]);
    });
  }
});
