// V8's methods make quiet NaNs of signaling ones on their way. Loops of ours that V8 has optimised could leave them as they are.
import { arena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';

const LENGTH = 300;
// Enough for V8 to optimise the loops.
const RUNS = 3000;

type Floats = Float32Array | Float64Array;
type Make = (source: Floats) => Floats;

const identity = (value: number): number => value;

const sources: Readonly<Record<string, () => Floats>> = {
  Float32Array: () =>
    new Float32Array(Uint32Array.from({ length: LENGTH }, (_, i) => 0x7fa00001 + i).buffer),
  Float64Array: () =>
    new Float64Array(
      Uint32Array.from({ length: 2 * LENGTH }, (_, i) => (i % 2 ? 0x7ff40000 : i + 1)).buffer,
    ),
};

const makers: Readonly<Record<string, Make>> = {
  filter: (source) => source.filter(() => true),
  map: (source) => source.map(identity),
  'Float32Array.from': (source) => Float32Array.from(source, identity),
  'Float64Array.from': (source) => Float64Array.from(source, identity),
};

function bitsOf(array: Floats): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');
}

describe.each(Object.keys(sources))('signaling NaNs of a %s', (kind) => {
  it.each(Object.keys(makers))('are in scopes what they are outside: %s', (name) => {
    const source = (sources[kind] as () => Floats)();
    const make = makers[name] as Make;
    const outside = new Set<string>();
    const inside = new Set<string>();
    for (let i = 0; i < RUNS; i++) {
      outside.add(bitsOf(make(source)));
      inside.add(arena.sync(() => bitsOf(make(source))));
    }
    expect([...inside]).toEqual([...outside]);
    expect(outside.size).toBe(1);
  });
});
