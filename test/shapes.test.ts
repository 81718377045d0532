import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haveSameShape, isShaped, listShapeOf } from '../lib/shapes.js';
import { inChild, type Kit } from './support/child.js';

describe('shapes', () => {
  it('are those of objects that are alike but for their values', () => {
    const a = { x: 1, y: 2 };
    expect(haveSameShape(a, { x: 5, y: 6 })).toBe(true);
    const others = [
      { y: 2, x: 1 },
      { x: 1 },
      {
        x: 1,
        get y() {
          return 2;
        },
      },
      Object.freeze({ x: 1, y: 2 }),
      Object.assign(Object.create(null), a),
      Object.assign(Object.create({}), a),
      Object.defineProperty({ x: 1 }, 'y', { value: 2 }),
      Object.assign([1, 2], a),
      new Proxy(a, {}),
      vm.runInNewContext('({ x: 1, y: 2 })'),
    ];
    for (const [index, other] of others.entries()) {
      expect(haveSameShape(a, other), `${index}`).toBe(false);
    }
  });

  it('are told of objects alone that V8 keeps no dictionary of', () => {
    expect(isShaped({ a: 1 })).toBe(true);
    const dictionary: Record<string, number> = { a: 1, b: 2 };
    delete dictionary.a;
    expect(isShaped(dictionary)).toBe(false);
    const sparse: unknown[] = [];
    sparse[10_000_000] = 1;
    expect(isShaped(sparse)).toBe(false);
    expect(isShaped(Object.defineProperty({}, '0', { get: () => 1 }))).toBe(false);
  });
});

describe('lists', () => {
  it('are arrays of the common ways to make them', () => {
    const lists = {
      numbers: [
        [],
        [1],
        [1.5],
        Object.assign(new Array(3), [1]),
        new Array(3),
        Array.from({ length: 3 }, (_, i) => i / 2),
        JSON.parse('[1, 2.5]'),
        [1, 2].map((x) => x + 0.5),
      ],
      values: [[''], [null], [{}, 1], 'a,b'.split(','), Object.keys({ a: 1 }), JSON.parse('[[]]')],
      'values or holes': [Object.assign(new Array(3), ['a'])],
    };
    for (const [shape, arrays] of Object.entries(lists)) {
      for (const array of arrays) expect(listShapeOf(array), JSON.stringify(array)).toBe(shape);
    }
  });

  // What the rest of the package takes for granted.
  it('have neither getters nor names, and nothing that looks like a number and is none', () => {
    const value = fc.constantFrom<unknown>(1, -0, 1.5, Number.NaN, 'a', undefined, null, {}, 2n);
    const change = fc.oneof(
      { weight: 4, arbitrary: fc.record({ set: fc.nat(8), value }) },
      { weight: 2, arbitrary: fc.record({ push: value }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<{ [name: string]: true }>(
          { pop: true },
          { named: true },
          { symbol: true },
          { hidden: true },
          { getter: true },
          { freeze: true },
          { grow: true },
          { shorten: true },
          { remove: true },
          { prototype: true },
        ),
      },
    );
    let lists = 0;
    let others = 0;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const array: unknown[] = [];
        for (const each of changes as Record<string, unknown>[]) {
          try {
            if ('set' in each) array[each.set as number] = each.value;
            else if ('push' in each) array.push(each.push);
            else if (each.pop) array.pop();
            else if (each.named) Object.assign(array, { name: 1 });
            else if (each.symbol) Object.assign(array, { [Symbol.iterator]: 1 });
            else if (each.hidden) Object.defineProperty(array, 'hidden', { value: 1 });
            else if (each.getter) Object.defineProperty(array, '1', { get: () => 1 });
            else if (each.freeze) Object.freeze(array);
            else if (each.grow) array.length = 10_000;
            else if (each.shorten) array.length = 2;
            else if (each.remove) delete array[0];
            else Object.setPrototypeOf(array, { __proto__: Array.prototype });
          } catch {
            // It is frozen.
          }
        }
        const shape = listShapeOf(array);
        const keys = Reflect.ownKeys(array);
        const indices = keys.slice(0, keys.indexOf('length'));
        const isOrdinary =
          keys.at(-1) === 'length' &&
          Object.isExtensible(array) &&
          Object.getPrototypeOf(array) === Array.prototype &&
          indices.every((index) => {
            const property = Object.getOwnPropertyDescriptor(array, index);
            return property?.writable && property.enumerable && property.configurable;
          });
        if (shape === undefined) {
          others++;
          return;
        }
        lists++;
        expect(isOrdinary).toBe(true);
        if (shape === 'values') expect(indices.length).toBe(array.length);
        if (shape === 'numbers') {
          for (const index of indices) {
            expect(['number', 'undefined']).toContain(typeof array[Number(index)]);
          }
        }
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(lists, others)).toBeGreaterThan(500);
  });
});

/** What messages and copies come to, among them all that takes shapes to know. */
const messagesOf = (kit: Kit) => {
  const { arena, copyFromArena } = kit;
  const kept = arena.sync(() => new Uint8Array(1000).fill(7), { copyResult: false });
  const calls: string[] = [];
  const withGetter = (length: number) =>
    Object.defineProperty(new Array(length).fill(1), '5', {
      enumerable: true,
      get: () => {
        calls.push(`getter among ${length}`);
        return kept;
      },
    });
  const lengths = [10, 20_000].map(
    (length) => (structuredClone(withGetter(length))[5] as Uint8Array).buffer.byteLength,
  );
  const named = structuredClone(Object.assign(new Array(20_000).fill(0.5), { name: kept }));
  const records = Array.from({ length: 200 }, (_, id) => ({ id, bytes: id === 150 ? kept : id }));
  const sent = structuredClone(records);
  const hidden = Object.defineProperty(new Array(100).fill(1), 'hidden', { value: kept });
  return {
    lengths,
    calls,
    named: named.name.buffer.byteLength,
    record: ((sent[150] as { bytes: unknown }).bytes as Uint8Array).buffer.byteLength,
    first: sent[149],
    copied: kit.isArenaArray((copyFromArena(hidden) as unknown as { hidden: unknown }).hidden),
    dates: structuredClone([new Date(1), Object.assign(new Date(2), { kept })])[1]?.getTime(),
  };
};

const rightMessages = {
  lengths: [1000, 1000],
  calls: ['getter among 10', 'getter among 20000'],
  named: 1000,
  record: 1000,
  first: { id: 149, bytes: 149 },
  copied: false,
  dates: 2,
};

describe("V8's flag for comparing shapes", () => {
  // A program in which the functions that compare can be watched, and what Node says of the flag.
  const watched = (kit: Kit, messages: string, prepare: string) => {
    const vm = process.getBuiltinModule('node:vm');
    const v8 = process.getBuiltinModule('node:v8');
    const compiled: Record<string, unknown>[] = [];
    const { runInThisContext } = vm;
    vm.runInThisContext = ((...args: Parameters<typeof runInThisContext>) => {
      const result = runInThisContext(...args);
      compiled.push(result as never);
      return result;
    }) as typeof runInThisContext;
    const isOn = () => {
      try {
        runInThisContext('(() => %HaveSameMap({}, {}))()');
        return true;
      } catch {
        return false;
      }
    };
    const wasOn = isOn();
    const setFlag = v8.setFlagsFromString;
    const forget = () => {
      setFlag('--allow-natives-syntax');
      const flush = runInThisContext('((fn) => %ForceFlush(fn))') as (fn: unknown) => void;
      for (const natives of compiled) for (const fn of Object.values(natives)) flush(fn);
      if (!wasOn) setFlag('--no-allow-natives-syntax');
    };
    // biome-ignore lint/security/noGlobalEval: programs travel as text
    eval(prepare);
    // biome-ignore lint/security/noGlobalEval: programs travel as text
    const run = eval(`(${messages})`) as (kit: Kit) => unknown;
    const before = run(kit);
    const compiledBefore = compiled.length;
    forget();
    const after = run(kit);
    const compiledAfter = compiled.length;
    run(kit);
    const ends = compiled.length === compiledAfter;
    return { before, after, compiledBefore, compiledAfter, ends, wasOn, isOn: isOn() };
  };
  const messages = String(messagesOf);

  it('is on just while functions are compiled, and again when V8 has dropped them', async () => {
    const { compiledBefore, compiledAfter, ...seen } = await inChild(watched, {}, messages, '');
    expect(compiledBefore).toBe(1);
    // What V8 remembers of the source is tried without the flag, and in vain, first.
    expect(compiledAfter).toBeGreaterThan(1);
    expect(seen).toEqual({
      before: rightMessages,
      after: rightMessages,
      ends: true,
      wasOn: false,
      isOn: false,
    });
  });

  it('stays on where Node runs with it', async () => {
    const flags = ['--allow-natives-syntax'];
    const { before, after, wasOn, isOn } = await inChild(watched, { flags }, messages, '');
    expect([before, after]).toEqual([rightMessages, rightMessages]);
    expect([wasOn, isOn]).toEqual([true, true]);
  });

  it('may be refused: nothing but time is lost', async () => {
    const refuse = 'v8.setFlagsFromString = () => { throw new Error("frozen"); };';
    const { before, after, compiledAfter } = await inChild(watched, {}, messages, refuse);
    expect([before, after]).toEqual([rightMessages, rightMessages]);
    expect(compiledAfter).toBe(0);
  });

  it('is not lost where threads set it at the same time', async () => {
    const program = async (kit: Kit, source: string) => {
      const worker = (kit: Kit, source: string) => {
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        const shapes = require.resolve('arena-pirate').replace(/index\.js$/, 'shapes.js');
        const isKnown = require(shapes).haveSameShape([1], [2]);
        // biome-ignore lint/security/noGlobalEval: programs travel as text
        const result = (eval(`(${source})`) as (kit: Kit) => unknown)(kit);
        parentPort?.postMessage(JSON.stringify([result, isKnown]));
      };
      const workers = Array.from({ length: 8 }, () => kit.startWorker(worker, {}, source));
      return Promise.all(
        workers.map(
          (thread) =>
            new Promise<unknown>((resolve, reject) => {
              thread.once('message', (text) => resolve(JSON.parse(text)));
              thread.once('error', reject);
            }),
        ),
      );
    };
    const all = await inChild(program, {}, messages);
    expect(all).toHaveLength(8);
    for (const one of all) expect(one).toEqual([rightMessages, true]);
  });
});
