import { arena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';

// Outside all scopes it is Node's own that answers.
const POSITIONS: readonly unknown[] = [
  ...[undefined, null, Number.NaN, 0, -0, 1, 3, 7, 8, 9, -1, -3, -8, -9, 1.5, -1.5, 0.9, -0.9],
  ...[2 ** 31, -(2 ** 31), 2 ** 53, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...['', '2', '-2', 'x', true, [], [3], {}, { valueOf: () => 4 }, Symbol('s'), 3n],
];

/** Buffers that lie in no arena. */
const BUFFERS: Readonly<Record<string, () => Buffer>> = {
  'from the pool': () => Buffer.from('12345678'),
  'with an ArrayBuffer of its own': () => Buffer.alloc(8, 1),
  empty: () => Buffer.alloc(0),
  'in the middle of an ArrayBuffer': () => Buffer.from(new ArrayBuffer(32), 8, 8),
  'over shared memory': () => Buffer.from(new SharedArrayBuffer(8)),
  'that is a plain Uint8Array': () => new Uint8Array(8) as Buffer,
  'that is detached': () => {
    const buffer = Buffer.from(new ArrayBuffer(8));
    structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
    return buffer;
  },
  'that is another kind of array': () => new Uint16Array(8) as unknown as Buffer,
};

function outcomeOf(buffer: Buffer, name: 'subarray' | 'slice', args: readonly unknown[]): unknown {
  try {
    const part = Reflect.apply(Buffer.prototype[name], buffer, args) as Buffer;
    const { byteOffset, length } = part;
    const isSame = part.buffer === buffer.buffer;
    return {
      byteOffset,
      length,
      isSame,
      isBuffer: Buffer.isBuffer(part),
      name: part.constructor.name,
    };
  } catch (error) {
    return `${error}`;
  }
}

describe.each(Object.entries(BUFFERS))('a part of a Buffer %s', (_name, make) => {
  it.each(['subarray', 'slice'] as const)('by %s is the same in a scope', (name) => {
    const buffer = make();
    for (const start of POSITIONS) {
      for (const end of POSITIONS) {
        const outside = outcomeOf(buffer, name, [start, end]);
        const inside = arena.sync(() => outcomeOf(buffer, name, [start, end]));
        expect(inside, `${String(start)}, ${String(end)}`).toEqual(outside);
      }
    }
  });

  it('asks its positions once each, the first one first', () => {
    const asked = (): string[] => {
      const log: string[] = [];
      const position = (value: number) => ({ valueOf: () => log.push(`${value}`) && value });
      outcomeOf(make(), 'subarray', [position(1), position(5)]);
      outcomeOf(make(), 'subarray', [position(5), position(1)]);
      return log;
    };
    expect(arena.sync(asked)).toEqual(asked());
  });
});
