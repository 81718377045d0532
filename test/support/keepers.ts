import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { holdsPattern } from './pattern.js';

/** Keeps an array of a scope in some way and nothing else; the returned function looks at it. */
type Keeper = (array: Uint8Array, seed: number) => () => boolean | Promise<boolean>;

const held = new Map<unknown, unknown>();
const emitter = new EventEmitter();
const registry = new FinalizationRegistry(() => {});
const local = new AsyncLocalStorage<Uint8Array>();

class Owner {
  readonly #array: Uint8Array;
  constructor(array: Uint8Array) {
    this.#array = array;
  }
  holds(seed: number) {
    return holdsPattern(this.#array, seed);
  }
}

/** What the rest of an iterator yields, as bytes of the array from `from` on. */
const restHolds = (rest: Iterable<number>, seed: number, from: number) =>
  holdsPattern(Uint8Array.from(rest), seed + from);

class Plain extends Uint8Array {
  static get [Symbol.species]() {
    return Uint8Array;
  }
}

/** A Blob that is made in the middle of something else, and takes the memory of what Node copies for it. */
function madeWhile(
  array: Uint8Array,
  seed: number,
  something: (make: () => number) => void,
): () => Promise<boolean> {
  let blob: Blob | undefined;
  something(() => {
    blob = new Blob([array as Uint8Array<ArrayBuffer>]);
    return 1;
  });
  // After a look at the species of an array that no method of ours announced one array comes from V8.
  void new Uint8Array(200);
  return async () => {
    const bytes = await (blob as Blob).arrayBuffer();
    return bytes.byteLength > 0 && holdsPattern(new Uint8Array(bytes), seed);
  };
}

/** All the ways in which JavaScript and Node can be all that keeps an array. */
export const keepers: Readonly<Record<string, Keeper>> = {
  'a closure': (array, seed) => () => holdsPattern(array, seed),
  'a bound function': (array, seed) => holdsPattern.bind(null, array, seed),
  'an object in an array': (array, seed) => {
    const list = [{ deep: { array } }];
    return () => list.every(({ deep }) => holdsPattern(deep.array, seed));
  },
  'a Map value': (array, seed) => {
    const key = Symbol('key');
    held.set(key, array);
    return () => holdsPattern(held.get(key) as Uint8Array, seed);
  },
  'a Map key': (array, seed) => {
    const map = new Map([[array, 1]]);
    return () => [...map.keys()].every((key) => holdsPattern(key, seed));
  },
  'a WeakMap value whose key lives': (array, seed) => {
    const key = {};
    const map = new WeakMap([[key, array]]);
    return () => holdsPattern(map.get(key) as Uint8Array, seed);
  },
  'a WeakRef whose target is held elsewhere': (array, seed) => {
    const reference = new WeakRef(array);
    held.set(reference, array);
    return () => holdsPattern(reference.deref() as Uint8Array, seed);
  },
  'the held value of a FinalizationRegistry': (array, seed) => {
    const target = {};
    registry.register(target, array);
    held.set(target, new WeakRef(array));
    return () =>
      holdsPattern((held.get(target) as WeakRef<Uint8Array>).deref() as Uint8Array, seed);
  },
  'a private field': (array, seed) => {
    const owner = new Owner(array);
    return () => owner.holds(seed);
  },
  'a Proxy target': (array, seed) => {
    const proxy = new Proxy({ array }, {});
    return () => holdsPattern(proxy.array, seed);
  },
  'a getter': (array, seed) => {
    const object = {
      get array() {
        return array;
      },
    };
    return () => holdsPattern(object.array, seed);
  },
  'the cause of an error': (array, seed) => {
    const error = new Error('x', { cause: array });
    return () => holdsPattern(error.cause as Uint8Array, seed);
  },
  'a subarray': (array, seed) => {
    const part = array.subarray(100, 150);
    return () => holdsPattern(part, seed + 100);
  },
  'a subarray of a subarray': (array, seed) => {
    const part = array.subarray(100, 190).subarray(7, 9);
    return () => part.length === 2 && holdsPattern(part, seed + 107);
  },
  'its .buffer': (array, seed) => {
    const { buffer } = array;
    return () => holdsPattern(new Uint8Array(buffer), seed);
  },
  'a DataView on its .buffer': (array, seed) => {
    const view = new DataView(array.buffer, array.byteOffset + 20, 20);
    return () => {
      const bytes = Array.from({ length: 20 }, (_, i) => view.getUint8(i));
      return holdsPattern(Uint8Array.from(bytes), seed + 20);
    };
  },
  'a typed array on its .buffer': (array, seed) => {
    const words = new Uint16Array(array.buffer, array.byteOffset, 50);
    return () => holdsPattern(new Uint8Array(words.buffer, words.byteOffset, 100), seed);
  },
  'an empty view of its .buffer': (array, seed) => {
    const empty = new Uint8Array(array.buffer, array.byteOffset + 50, 0);
    return () => holdsPattern(new Uint8Array(empty.buffer), seed);
  },
  'a Buffer on its .buffer': (array, seed) => {
    const buffer = Buffer.from(array.buffer as ArrayBuffer, array.byteOffset + 10, 30);
    return () => holdsPattern(buffer, seed + 10);
  },
  'a slice of a Buffer': (array, seed) => {
    const part = Buffer.from(array).subarray(30, 60);
    return () => holdsPattern(part, seed + 30);
  },
  'an iterator over it': (array, seed) => {
    const values = array.values();
    for (let i = 0; i < 10; i++) values.next();
    return () => restHolds(values, seed, 10);
  },
  'an entries iterator over it': (array, seed) => {
    const entries = array.entries();
    return () =>
      restHolds(
        [...entries].map(([, byte]) => byte),
        seed,
        0,
      );
  },
  'a suspended generator': (array, seed) => {
    const generator = (function* () {
      yield 0;
      yield holdsPattern(array, seed);
    })();
    generator.next();
    return () => generator.next().value === true;
  },
  'a suspended async function': (array, seed) => {
    let resume = () => {};
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const result = (async () => {
      await resumed;
      return holdsPattern(array, seed);
    })();
    return () => {
      resume();
      return result;
    };
  },
  'a promise': (array, seed) => {
    const promise = Promise.resolve(array);
    return async () => holdsPattern(await promise, seed);
  },
  'the argument of a timer': (array, seed) => {
    const { promise, timer } = (() => {
      let settle = (_holds: boolean) => {};
      const promise = new Promise<boolean>((resolve) => {
        settle = resolve;
      });
      const timer = setTimeout((late) => settle(holdsPattern(late, seed)), 2 ** 30, array);
      return { promise, timer };
    })();
    return () => {
      (timer as unknown as { _onTimeout(array: unknown): void; _timerArgs: unknown[] })._onTimeout(
        (timer as unknown as { _timerArgs: unknown[] })._timerArgs[0],
      );
      clearTimeout(timer);
      return promise;
    };
  },
  'an event listener': (array, seed) => {
    const event = Symbol('event');
    emitter.once(event, (settle) => settle(holdsPattern(array, seed)));
    return () => new Promise((resolve) => emitter.emit(event, resolve));
  },
  'the store of an AsyncLocalStorage': (array, seed) => {
    const look = local.run(array, () => AsyncLocalStorage.snapshot());
    return () => look(() => holdsPattern(local.getStore() as Uint8Array, seed));
  },
  'a chunk that a stream has not delivered': (array, seed) => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(array);
        controller.close();
      },
    });
    return async () => {
      for await (const chunk of stream) return holdsPattern(chunk, seed);
      return false;
    };
  },
  'a chunk in a Readable': (array, seed) => {
    const stream = Readable.from([array]);
    return async () => {
      for await (const chunk of stream) return holdsPattern(chunk, seed);
      return false;
    };
  },
  'a Blob made of it': (array, seed) => {
    const blob = new Blob([array as Uint8Array<ArrayBuffer>]);
    return async () => holdsPattern(new Uint8Array(await blob.arrayBuffer()), seed);
  },
  'a Blob made of its .buffer': (array, seed) => {
    const blob = new Blob([array.buffer as ArrayBuffer]);
    return async () => holdsPattern(new Uint8Array(await blob.arrayBuffer()), seed);
  },
  'a Blob made while filter calls back': (array, seed) =>
    madeWhile(array, seed, (make) => new Uint8Array(1).filter(make)),
  'a Blob made while map calls back, by a species': (array, seed) =>
    madeWhile(array, seed, (make) => new Plain(1).map(make, {})),
  'a Blob made while slice converts its arguments': (array, seed) =>
    madeWhile(array, seed, (make) => new Uint8Array(9).slice({ valueOf: make } as never)),
  'a Blob made while subarray converts its arguments': (array, seed) =>
    madeWhile(array, seed, (make) => new Uint8Array(9).subarray({ valueOf: make } as never)),
  'a Blob made while a constructor of the user makes a part': (array, seed) =>
    madeWhile(array, seed, (make) => {
      class Making extends Uint8Array {
        constructor(...args: [ArrayBuffer]) {
          make();
          super(...args);
        }
      }
      Object.defineProperty(new Uint8Array(9), 'constructor', { value: Making }).subarray(1);
    }),
  'a Blob made after the species of a user threw': (array, seed) =>
    madeWhile(array, seed, (make) => {
      const get = () => {
        throw new Error('species');
      };
      Object.defineProperty(Uint8Array, Symbol.species, { configurable: true, get });
      for (const part of [() => new Uint8Array(9).slice(1), () => new Uint8Array(9).subarray(1)]) {
        try {
          part();
        } catch {}
      }
      Reflect.deleteProperty(Uint8Array, Symbol.species);
      make();
    }),
  'a Blob made of an ArrayBuffer whose species is ArrayBuffer': (array, seed) => {
    class Own extends ArrayBuffer {
      static override get [Symbol.species]() {
        return ArrayBuffer;
      }
    }
    const buffer = new Own(array.length);
    new Uint8Array(buffer).set(array);
    const blob = new Blob([buffer]);
    return async () => holdsPattern(new Uint8Array(await blob.arrayBuffer()), seed);
  },
  'a slice of a File made of it': (array, seed) => {
    const part = new File([array as Uint8Array<ArrayBuffer>], 'name').slice(50, 150);
    return async () => holdsPattern(new Uint8Array(await part.arrayBuffer()), seed + 50);
  },
  'a Response made of it': (array, seed) => {
    const response = new Response(array as Uint8Array<ArrayBuffer>);
    return async () => holdsPattern(new Uint8Array(await response.arrayBuffer()), seed);
  },
  'a structured clone': (array, seed) => {
    const clone = structuredClone({ array });
    return () => holdsPattern(clone.array, seed);
  },
  'the receiving end of a transfer': (array, seed) => {
    const { buffer } = array;
    const moved = structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    return () => holdsPattern(new Uint8Array(moved), seed);
  },
  'a message on its way': (array, seed) => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(array);
    return async () => {
      const message = once(port2, 'message');
      port2.start();
      const [event] = await message;
      port1.close();
      return holdsPattern((event as MessageEvent).data ?? event, seed);
    };
  },
};

/** Lets go of what keepers have put where a living module holds it. */
export function letGo(): void {
  held.clear();
}
