// What the contexts of node:vm do with arena memory. That they answer as in plain Node is the matter of
// answers/transfer.test.ts.
import { describe, expect, it } from 'vitest';
import { inChild, runChild } from './support/child.js';
import { packageRoot } from './support/run.js';

const flags = ['--expose-gc'];
const HAS_TRANSFER = 'transfer' in ArrayBuffer.prototype;

describe('memory that a method of another realm has taken', () => {
  it.skipIf(!HAS_TRANSFER).each([200, 50_000, 3_000_000])('keeps its %d bytes', async (size) => {
    const wrong = await inChild(
      async (
        { arena, clearArenaPool, collectGarbage, fillPattern, holdsPattern, scramble },
        size,
      ) => {
        const vm = require('node:vm') as typeof import('node:vm');
        const context = vm.createContext();
        // What is looked for, by ways to the method.
        const ways: Record<string, () => { call(buffer: ArrayBuffer): ArrayBuffer }> = {
          runInNewContext: () => vm.runInNewContext('ArrayBuffer.prototype.transfer'),
          runInContext: () => vm.runInContext('ArrayBuffer.prototype.transfer', context),
          'Script.runInNewContext': () =>
            new vm.Script('ArrayBuffer.prototype.transferToFixedLength').runInNewContext(),
          'behind globals of its own': () =>
            vm.runInNewContext('new Uint8Array().buffer.transfer', { ArrayBuffer, Function }),
          'of a Proxy': () =>
            vm.runInNewContext('ArrayBuffer.prototype.transfer', new Proxy({}, {})),
          compileFunction: () =>
            vm.compileFunction('return ArrayBuffer.prototype.transfer', [], {
              parsingContext: vm.createContext(),
            })(),
          repl: () => {
            const repl = require('node:repl').start({
              input: new (require('node:stream').PassThrough)(),
              output: new (require('node:stream').PassThrough)(),
            });
            const { transfer } = vm.runInContext('ArrayBuffer.prototype', repl.context);
            repl.close();
            return transfer;
          },
        };
        const kept = new Map<string, ArrayBuffer>();
        const take = () => {
          for (const [name, find] of Object.entries(ways)) {
            const array = arena.sync(() => fillPattern(new Uint8Array(size), 5), {
              release: 'collected',
              copyResult: false,
            });
            kept.set(name, find().call(array.buffer as ArrayBuffer));
          }
        };
        take();
        await collectGarbage();
        clearArenaPool();
        scramble(arena, 100);
        await collectGarbage();
        const isWrong = (buffer: ArrayBuffer) => !holdsPattern(new Uint8Array(buffer), 5);
        return [...kept].filter(([, buffer]) => isWrong(buffer)).map(([name]) => name);
      },
      { flags },
      size,
    );
    expect(wrong).toEqual([]);
  });
});

describe('other realms', () => {
  it('hear of a port only what is sent, and not the window', async () => {
    const lengths = await inChild(({ arena }) => {
      const vm = require('node:vm') as typeof import('node:vm');
      const threads = require('node:worker_threads') as typeof import('node:worker_threads');
      const { port1, port2 } = new threads.MessageChannel();
      const context = vm.createContext();
      const moved = threads.moveMessagePortToContext(port1, context);
      const array = arena.sync(() => new Uint8Array(300), { copyResult: false });
      const received = () => threads.receiveMessageOnPort(port2)?.message.buffer.byteLength;
      moved.postMessage(array);
      const cloned = received();
      moved.postMessage(array, [array.buffer as ArrayBuffer]);
      const transferred = received();
      port2.close();
      const get = vm.runInNewContext(
        'Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "buffer").get',
      );
      return [cloned, transferred, get.call(array).byteLength];
    });
    expect(lengths).toEqual([300, 300, 300]);
  });

  it('are collected like any object', async () => {
    const alive = await inChild(
      async ({ arena, collectGarbage }) => {
        const vm = require('node:vm') as typeof import('node:vm');
        const threads = require('node:worker_threads') as typeof import('node:worker_threads');
        arena.sync(() => new Uint8Array(1000));
        const references: WeakRef<object>[] = [];
        const make = () => {
          for (let i = 0; i < 5; i++) {
            const context = vm.createContext();
            references.push(new WeakRef(vm.runInContext('globalThis', context)));
            references.push(new WeakRef(vm.runInContext('ArrayBuffer.prototype', context)));
          }
          const { port1 } = new threads.MessageChannel();
          const port = threads.moveMessagePortToContext(port1, vm.createContext());
          references.push(new WeakRef(Object.getPrototypeOf(port)));
          port.close();
        };
        make();
        for (let i = 0; i < 5; i++) await collectGarbage();
        return references.filter((reference) => reference.deref() !== undefined).length;
      },
      { flags },
    );
    expect(alive).toBe(0);
  });

  it('that are older are reached by the next script, and frozen ones are left alone', async () => {
    const source = `
      const vm = require('node:vm');
      const older = vm.createContext();
      const frozen = vm.createContext();
      const looks = (context) => vm.runInContext(
        'Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "buffer").get', context);
      const before = looks(older);
      vm.runInContext('Object.freeze(Object.getPrototypeOf(Uint8Array.prototype))', frozen);
      const frozenBefore = looks(frozen);
      const deleted = vm.createContext();
      vm.runInContext('delete ArrayBuffer.prototype.transfer; delete Function.prototype.toString', deleted);
      vm.runInContext('delete Object.getPrototypeOf(Uint8Array.prototype).buffer', deleted);
      const { uninstall, install } = require(${JSON.stringify(packageRoot)});
      vm.runInContext('1', deleted);
      const during = looks(older);
      const frozenDuring = looks(frozen);
      uninstall();
      install();
      const again = looks(older);
      require('node:fs').writeSync(3, JSON.stringify(
        [during !== before, frozenDuring === frozenBefore, again === during]));`;
    const { answer, stderr } = await runChild([process.execPath, '--eval', source]);
    expect({ answer, stderr }).toEqual({ answer: '[true,true,true]', stderr: '' });
  });

  it.each(['its own', "Node's"])('hold arena-pirate itself, with %s Uint8Array', async (whose) => {
    const source = `
      const vm = require('node:vm');
      const { readFileSync } = require('node:fs');
      const path = require('node:path');
      const dist = path.join(${JSON.stringify(packageRoot)}, 'dist/');
      const context = vm.createContext(${whose === "Node's" ? '{ Uint8Array }' : '{}'});
      // As test runners do.
      const isThere = vm.runInContext('(name) => name in globalThis', context);
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        if (!/^\\w+$/.test(name) || isThere(name)) continue;
        Object.defineProperty(context, name, Object.getOwnPropertyDescriptor(globalThis, name));
      }
      const loaded = new Map();
      function load(file) {
        if (!file.startsWith(dist)) return require(file);
        const known = loaded.get(file);
        if (known !== undefined) return known.exports;
        const module = { exports: {} };
        loaded.set(file, module);
        const resolve = (name) =>
          name.startsWith('.') ? path.resolve(path.dirname(file), name)
          : name.startsWith('node:') ? name : require.resolve(name, { paths: [dist] });
        const run = vm.compileFunction(
          readFileSync(file, 'utf8'), ['require', 'module', 'exports', '__dirname', '__filename'],
          { parsingContext: context, filename: file });
        run((name) => load(resolve(name)), module, module.exports, path.dirname(file), file);
        return module.exports;
      }
      const before = ArrayBuffer.prototype.transfer;
      const { arena, clearArenaPool, uninstall } = load(dist + 'index.js');
      const make = vm.runInContext(
        '(arena) => { let a; arena.sync(() => { a = new Uint8Array(3e6).fill(7); }); return a; }', context);
      const take = () => before === undefined ? make(arena)
        : new Uint8Array(ArrayBuffer.prototype.transfer.call(make(arena).buffer));
      const kept = take();
      let turns = 0;
      setImmediate(function turn() {
        gc();
        if (++turns < 5) return setImmediate(turn);
        clearArenaPool();
        make(arena).fill(8);
        uninstall();
        require('node:fs').writeSync(3, JSON.stringify([kept[5], kept.at(-1)]));
      });`;
    const command = [process.execPath, '--expose-gc', '--no-warnings', '--eval', source];
    const { answer, stderr } = await runChild(command);
    expect({ answer, stderr }).toEqual({ answer: '[7,7]', stderr: '' });
  });

  it('are replaced for modules that have imported the functions by name before', async () => {
    const source = `
      import { createContext } from 'node:vm';
      import { moveMessagePortToContext } from 'node:worker_threads';
      import { createRequire } from 'node:module';
      const before = [createContext, moveMessagePortToContext];
      const { uninstall } = createRequire(${JSON.stringify(packageRoot)})(${JSON.stringify(packageRoot)});
      const during = [createContext, moveMessagePortToContext];
      uninstall();
      const after = [createContext, moveMessagePortToContext];
      const { writeSync } = await import('node:fs');
      writeSync(3, JSON.stringify([
        during.every((value, i) => value !== before[i]),
        after.every((value, i) => value === before[i]),
      ]));`;
    const command = [process.execPath, '--input-type=module', '--eval', source];
    const { answer, stderr } = await runChild(command);
    expect({ answer, stderr }).toEqual({ answer: '[true,true]', stderr: '' });
  });
});
