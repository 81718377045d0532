// Does in scopes what programs do, while spies look at who calls built-ins; prints what they have seen.
const util = require('node:util');
const vm = require('node:vm');
const { MessageChannel } = require('node:worker_threads');
const { arena, noArena } = require('arena-pirate');
const { calls, spy } = require('./spied-built-ins.cjs');

const foreign = vm.runInNewContext('({ Uint8Array })');
const kinds = [Uint8Array, Uint8ClampedArray, Float32Array, Float64Array, BigInt64Array];
class Sub extends Float64Array {}
class Holder {
  #hidden = 1;
  array = new Float64Array(200);
  part = this.array.subarray(3, 50);
  get hidden() {
    return this.#hidden;
  }
}

function arrays(Kind, count) {
  const isBig = Kind === BigInt64Array;
  const list = Array.from({ length: count }, (_, i) => (isBig ? BigInt(i) : i));
  const texts = list.map(String);
  const array = new Kind(list);
  const made = [
    array,
    new Kind(count),
    new Kind(array),
    new Kind(texts),
    new Kind(new Set(list)),
    new Kind({ ...list, length: count }),
    Kind.from(list, (x) => x),
    Kind.from(array, (x) => x),
    Kind.of(...list),
    array.slice(3),
    array.slice({ valueOf: () => 2 }),
    array.subarray(2, count - 1),
    array.subarray({ valueOf: () => 2 }),
    array.map((x) => x),
    array.filter(() => true),
    new Kind(array.buffer, 8, 2),
    new DataView(array.buffer, array.byteOffset),
  ];
  for (let i = 0; i < 300; i++) array.subarray(i % count);
  structuredClone({ array, map: new Map([[1, array]]), part: array.subarray(1) });
  util.inspect(array);
  if (!(array instanceof Kind)) throw new TypeError('not an instance');
  return made;
}

function buffers(count) {
  const text = 'hello '.repeat(count);
  const list = [
    Buffer.alloc(count * 8),
    Buffer.alloc(count * 8, 'ab'),
    Buffer.allocUnsafe(count * 8),
    Buffer.allocUnsafeSlow(count * 8),
    Buffer.from(text),
    Buffer.from('aa'.repeat(500), 'hex'),
    Buffer.from(new Uint8Array(count * 8)),
    Buffer.from(new Uint8Array(count * 8).buffer),
  ];
  return [...list, Buffer.concat(list), Buffer.concat(list, 500), list[0].subarray(3)];
}

function everything(count) {
  const sub = new Sub(count);
  const moved = new Uint8Array(count * 8);
  const { port1, port2 } = new MessageChannel();
  const made = [
    ...kinds.flatMap((Kind) => arrays(Kind, count)),
    ...buffers(count),
    sub,
    sub.slice(1),
    sub.map((x) => x + 1),
    sub.subarray(2),
    new ArrayBuffer(2 ** 20),
    new DataView(new ArrayBuffer(2 ** 18)),
    new foreign.Uint8Array(sub),
    Reflect.construct(Uint8Array, [count * 8], Sub),
    noArena(() => new Uint8Array(count * 8)),
  ];
  port1.postMessage({ made: [made[0], made[1]] });
  port1.postMessage(moved, [moved.buffer]);
  port1.close();
  port2.close();
  return made;
}

async function later(count) {
  await undefined;
  const made = everything(count);
  await new Promise(setImmediate);
  return {
    made,
    map: new Map([['key', made[0]]]),
    set: new Set([made[1]]),
    holder: new Holder(),
    nested: { deep: [made[2], { part: made[9] }] },
    error: new Error('of a scope'),
  };
}

async function main() {
  spy();
  for (const release of ['collected', 'exit']) {
    const options = { release };
    arena.sync(() => everything(100), options);
    await arena(() => later(300), options);
    arena.sync(() => arena.sync(() => everything(100), { release: 'exit' }), options);
    arena.wrap(() => new Uint8Array(1000), options)();
    for (let i = 0; i < 100; i++) arena.sync(() => ({ part: new Float64Array(100), i }), options);
    arena.sync(() => {
      for (let i = 0; i < 2000; i++) new Uint8Array(65536).buffer;
    }, options);
  }
  console.log(JSON.stringify(calls()));
}

main();
