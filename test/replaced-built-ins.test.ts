import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadArenaPirate } from './support/differential.js';
import { packageRoot, runOrThrow } from './support/run.js';

describe('built-ins that a program replaces once the package is loaded', () => {
  it('are called by nothing in scopes', () => {
    const program = join(packageRoot, 'test', 'support', 'spied-program.cjs');
    expect(JSON.parse(runOrThrow(process.execPath, ['--expose-gc', program]))).toEqual({});
  });
});

describe('a setter that a program gives the prototype of arrays', () => {
  const { arena } = loadArenaPirate();

  it.each(['collected', 'exit'] as const)('is met by no small job in %s scopes', (release) => {
    const list = () => ({
      numbers: new Float64Array(['1', '2', '3'] as never),
      record: { zeros: new Uint8Array(3) },
    });
    const run = () => arena.sync(list, { release, minBytes: 1 });
    const expected = run();
    const seen: unknown[] = [];
    Object.defineProperty(Array.prototype, 0, {
      configurable: true,
      set(value) {
        seen[seen.length + 1] = value;
      },
    });
    const result = run();
    // Before anything is expected, as what does that meets it as well.
    delete Array.prototype[0];
    expect(result).toEqual(expected);
    expect(seen).toEqual([]);
  });
});
