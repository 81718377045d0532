import { describe, expect, it } from 'vitest';
import { recordIntrinsics } from './support/intrinsics.js';
import { runOrThrow } from './support/run.js';

/** Runs code after `snapshot` has been taken, in a node of its own, and returns what it prints. */
function answer(code: string): unknown {
  const source = `
    const snapshot = (${recordIntrinsics})();
    const print = (value) => console.log(JSON.stringify(value) ?? 'null');
    const codeOf = (fn) => { try { fn(); } catch (error) { return error.code; } };
    const Original = Float64Array;
    ${code}`;
  return JSON.parse(runOrThrow(process.execPath, ['--eval', source]));
}

const LOAD = "const pirate = require('arena-pirate'); const { arena, isArenaArray } = pirate;";
const CAPTURES = 'arena.sync(() => isArenaArray(new Float64Array(100)))';

describe('loading', () => {
  it('adds no property anywhere and takes none away', () => {
    const odd = answer(`${LOAD} print(snapshot.changes()
      .filter(({ before, after }) => before === undefined || after === undefined)
      .map(({ path }) => path))`);
    expect(odd).toEqual([]);
  });

  it('leaves every property as writable, enumerable and configurable as it was', () => {
    const odd = answer(`${LOAD} print(snapshot.changes().filter(({ before, after }) =>
      ['writable', 'enumerable', 'configurable'].some((flag) => before[flag] !== after[flag]) ||
      'get' in before !== 'get' in after).map(({ path }) => path))`);
    expect(odd).toEqual([]);
  });

  it('replaces functions by functions of the same name and length', () => {
    const odd = answer(`${LOAD} print(snapshot.changes().filter(({ before, after }) =>
      ['value', 'get', 'set'].some((field) => typeof before[field] === 'function' &&
        (before[field].name !== after[field].name || before[field].length !== after[field].length ||
         String(before[field]) !== String(after[field])))).map(({ path }) => path))`);
    expect(odd).toEqual([]);
  });

  it('leaves the functions that AsyncLocalStorage and AsyncResource return what they are', () => {
    const looks = answer(`
      const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
      const makers = {
        snapshot: () => AsyncLocalStorage.snapshot(),
        bind: () => AsyncLocalStorage.bind((a, b, c) => 0),
        resource: () => AsyncResource.bind((a, b, c) => 0),
      };
      const look = () => Object.values(makers).map((make) => {
        const made = make();
        const own = Object.getOwnPropertyDescriptors(made);
        return { own, keys: Reflect.ownKeys(made), text: String(made) };
      });
      const before = look();
      ${LOAD}
      print([before, look(), arena.sync(look), arena(look, { release: 'exit' })]);`) as unknown[];
    const [before, ...after] = looks;
    expect(before).toMatchObject([{ own: { name: { value: 'bound' } } }, {}, {}]);
    for (const look of after) expect(look).toEqual(before);
  });

  it('replaces something', () => {
    expect(answer(`${LOAD} print(snapshot.changes().length)`)).toBeGreaterThan(30);
  });
});

describe('uninstall', () => {
  it('puts every property of every built-in back', () => {
    const left = answer(`${LOAD} ${CAPTURES}; pirate.uninstall();
      print(snapshot.changes().map(({ path }) => path))`);
    expect(left).toEqual([]);
  });

  it('puts everything back again after another install', () => {
    const left = answer(`${LOAD} for (let i = 0; i < 3; i++) {
        pirate.uninstall(); pirate.install(); ${CAPTURES};
      }
      pirate.uninstall();
      print(snapshot.changes().map(({ path }) => path))`);
    expect(left).toEqual([]);
  });

  it('makes scopes refuse to open', () => {
    const codes = answer(`${LOAD} pirate.uninstall();
      print([codeOf(() => arena(() => 1)), codeOf(() => arena.sync(() => 1)),
             codeOf(arena.wrap(() => 1)), codeOf(() => pirate.mapArena([1], () => 1))])`);
    expect(codes).toEqual(new Array(4).fill('ERR_ARENA_NOT_INSTALLED'));
  });

  it('leaves constructors that somebody kept working, for ordinary arrays', () => {
    const kept =
      answer(`${LOAD} const Kept = Float64Array; const from = Buffer.from; pirate.uninstall();
      const x = new Kept(100);
      print([Kept === Original, x.constructor === Original, x instanceof Original, x instanceof Kept,
             x.length, isArenaArray(x), isArenaArray(from('x'.repeat(100))),
             new (class extends Kept {})(100).subarray(1).length])`);
    expect(kept).toEqual([false, true, true, true, 100, false, false, 99]);
  });

  it('leaves the elements of arrays in arenas as they are', () => {
    const sum = answer(`${LOAD} const x = arena.sync(() => new Float64Array(100).fill(2));
      pirate.uninstall();
      print([x.length, x.reduce((a, b) => a + b), x instanceof Float64Array, x.slice(1).length])`);
    expect(sum).toEqual([100, 200, true, 99]);
  });

  it('leaves arrays in arenas what they are, whatever is done with them', () => {
    const seen = answer(`${LOAD} const show = (array) => [array.length, array[0], array.at(-1)];
      const make = (seed) => new Uint8Array(300).fill(seed);
      class Seen extends Uint8Array { constructor(...args) { super(...args); Seen.given = args; } }
      const [a, b, c, d, own] = arena.sync(() => [make(7), make(8), make(9), make(1), new Seen(100)]);
      const [whole, ...others] = arena.sync(() => [new Uint8Array(3000000).fill(5), make(6)]);
      pirate.uninstall();
      const exact = a.buffer.byteLength === 300 && b.byteOffset === 0 && a.buffer === a.subarray(9).buffer;
      const port = new MessageChannel().port1;
      const clone = structuredClone(b);
      const part = own.subarray(10, 20);
      const shown = Seen.given[0].byteLength;
      const empty = a.subarray(300).buffer === a.buffer;
      const sent = structuredClone(c.buffer, { transfer: [c.buffer] });
      new ReadableStream({ type: 'bytes', start: (controller) => controller.enqueue(a) });
      const moved = ArrayBuffer.prototype.transfer ? whole.buffer.transfer() : structuredClone(whole.buffer);
      pirate.clearArenaPool();
      port.close();
      print([exact, empty, clone.buffer.byteLength, shown, sent.byteLength, show(a), show(b), show(d),
             show(new Uint8Array(moved)), show(others[0])])`);
    const kept = [
      [300, 7, 7],
      [300, 8, 8],
      [300, 1, 1],
      [3_000_000, 5, 5],
      [300, 6, 6],
    ];
    expect(seen).toEqual([true, true, 300, 100, 300, ...kept]);
  });

  it('keeps what protects them, by which others fare as in plain Node, until they are gone', () => {
    const [during, fares, left] = answer(`${LOAD}
      let kept = arena.sync(() => new Uint8Array(1000));
      pirate.uninstall();
      const during = snapshot.changes().map(({ path }) => path.split('.').pop());
      const plain = new Uint8Array(10).fill(3);
      class Sub extends Uint8Array {}
      const fares = [plain.subarray(2).length, plain.slice(1)[0], plain.buffer.byteLength,
        new Sub(4).subarray(1) instanceof Sub, new Sub(4).slice(1) instanceof Sub,
        structuredClone(plain)[9], Buffer.from('abc').subarray(1).toString(),
        new Float64Array(1).constructor === Original];
      kept = undefined;
      setTimeout(() => {
        pirate.uninstall();
        print([during, fares, snapshot.changes().map(({ path }) => path)]);
      });`) as [string[], unknown[], string[]];
    expect(during).toEqual(
      expect.arrayContaining(['buffer', 'byteOffset', 'subarray', 'structuredClone', 'enqueue']),
    );
    expect(during).not.toContain('Uint8Array');
    expect(during).not.toContain('from');
    expect(fares).toEqual([8, 3, 10, true, true, 3, 'bc', true]);
    // Which --eval takes back itself.
    expect(left.filter((path) => path !== 'globalThis.module')).toEqual([]);
  });

  it('leaves no window behind that scopes would go on in after another install', () => {
    const lengths = answer(`${LOAD} let kept = arena.sync(() => new Uint8Array(300));
      pirate.uninstall();
      new ReadableStream({ type: 'bytes', start: (controller) => controller.enqueue(kept) });
      pirate.install();
      print([kept.length, ...['collected', 'exit'].map((release) =>
        arena.sync(() => new Uint8Array(60000).length, { release })), ${CAPTURES}])`);
    expect(lengths).toEqual([300, 60_000, 60_000, true]);
  });

  it('does nothing when done twice', () => {
    const left = answer(`${LOAD} pirate.uninstall(); pirate.uninstall();
      print(snapshot.changes().length)`);
    expect(left).toBe(0);
  });

  it.each([
    ['a synchronous scope', 'arena.sync(() => result = codeOf(pirate.uninstall))'],
    ['an asynchronous scope', 'arena(async () => { await 1; result = codeOf(pirate.uninstall); })'],
    [
      'noArena in a scope',
      'arena.sync(() => pirate.noArena(() => result = codeOf(pirate.uninstall)))',
    ],
  ])('throws ERR_ARENA_IN_USE in %s, and changes nothing', (_, code) => {
    const [result, captures] = answer(`${LOAD} let result; Promise.resolve(${code}).then(() =>
      print([result, ${CAPTURES}]))`) as [string, boolean];
    expect(result).toBe('ERR_ARENA_IN_USE');
    expect(captures).toBe(true);
  });

  it.each([
    ['Float64Array', 'globalThis.Float64Array = class extends Float64Array {}'],
    ['from', 'Buffer.from = () => {}'],
    ['toString', 'Function.prototype.toString = () => "x"'],
    [
      'buffer',
      'Object.defineProperty(Object.getPrototypeOf(Int8Array.prototype), "buffer", { get() {} })',
    ],
  ])(
    'throws ERR_ARENA_CANNOT_UNINSTALL when others have replaced %s, and changes nothing',
    (name, code) => {
      const [errorCode, message, changed] = answer(`${LOAD} ${code};
      const before = snapshot.changes().length;
      let error; try { pirate.uninstall(); } catch (e) { error = e; }
      print([error.code, error.message, snapshot.changes().length - before])`) as string[];
      expect(errorCode).toBe('ERR_ARENA_CANNOT_UNINSTALL');
      expect(message).toContain(name);
      expect(changed).toBe(0);
    },
  );
});

describe('uninstall where others have wrapped what writes and reads', () => {
  it('leaves theirs in place, which go on as in plain Node', () => {
    const result = answer(`${LOAD}
      const fs = require('node:fs');
      const { Writable } = require('node:stream');
      pirate.arena(() => 1, { release: 'exit' });
      const calls = [];
      const wrap = (holder, name) => {
        const before = holder[name];
        holder[name] = function (...args) { calls.push(name); return before.apply(this, args); };
        return holder[name];
      };
      const wrapped = [wrap(fs, 'writeFile'), wrap(Writable.prototype, 'write'), wrap(fs.promises, 'readFile')];
      pirate.uninstall();
      const isInPlace = [fs.writeFile, Writable.prototype.write, fs.promises.readFile].every((each, i) => each === wrapped[i]);
      const chunk = Buffer.from('text');
      let seen;
      new Writable({ write(given, _encoding, done) { seen = given; done(); } }).write(chunk);
      pirate.install();
      print([isInPlace, seen === chunk, calls.join(), ${CAPTURES}])`);
    expect(result).toEqual([true, true, 'write', true]);
  });
});

describe("where somebody has put a class in the place of Node's Module, as Jest does", () => {
  const FAKE = `const Module = require('node:module');
    const load = Module._load;
    class Fake extends Module {}
    Module._load = (name, ...rest) => (name === 'node:module' ? Fake : load(name, ...rest));`;

  it('is loaded, and scopes capture', () => {
    expect(answer(`${FAKE} ${LOAD} print(${CAPTURES})`)).toBe(true);
  });
});

describe('install that fails', () => {
  it('leaves nothing replaced', () => {
    const result = answer(`${LOAD} pirate.uninstall();
      const { Writable } = require('node:stream');
      const { write } = Writable.prototype;
      const before = snapshot.changes().length;
      delete Writable.prototype.write;
      let error; try { pirate.install(); } catch (e) { error = e; }
      Writable.prototype.write = write;
      const after = snapshot.changes().length;
      pirate.install();
      print([typeof error, after - before, ${CAPTURES}])`);
    expect(result).toEqual(['object', 0, true]);
  });
});

describe('install', () => {
  it('makes scopes capture again after uninstall', () => {
    const captures = answer(`${LOAD} pirate.uninstall(); pirate.install();
      print([${CAPTURES}, Float64Array === Original, new Float64Array(1) instanceof Original])`);
    expect(captures).toEqual([true, false, true]);
  });

  it('does nothing when the constructors are replaced', () => {
    const same = answer(`${LOAD} const First = Float64Array; pirate.install(); pirate.install();
      pirate.uninstall(); print([First === Float64Array, snapshot.changes().length])`);
    expect(same).toEqual([false, 0]);
  });
});
