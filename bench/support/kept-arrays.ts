import { compileAnew } from '../allocation/compile-anew.js';

// The floor of libraries and servers: memory as if somebody had kept the arrays of each job from its first run. That
// run records which arrays the job makes, in which order; each later one is handed the same. Nothing is allocated or
// collected then, and an array costs a look at a list and its zeros. Loaded before the libraries (--require).

type Kept = NodeJS.TypedArray & Uint8Array;
type Kind = new (a?: unknown, b?: unknown, c?: unknown) => Kept;
type Take = (length: number) => Kept | undefined;

/** A job makes other arrays than when it was recorded, so that it cannot be handed the same ones. */
export class OtherArraysError extends Error {
  override readonly name = 'OtherArraysError';
}

/** The arrays that a job is handed. */
interface Playing {
  readonly recording: boolean;
  readonly arrays: Kept[];
  next: number;
}

const state: { playing: Playing | undefined } = { playing: undefined };

// Of all jobs together: what one has used, the next uses again.
const pool = new Map<string, Kept[]>();
const used = new Map<string, number>();

function record(arrays: Kept[], name: string, length: number, make: () => Kept): Kept {
  const key = `${name} ${length}`;
  const count = used.get(key) ?? 0;
  used.set(key, count + 1);
  const alike = pool.get(key) ?? [];
  pool.set(key, alike);
  const array = alike[count] ?? make();
  alike[count] = array;
  arrays.push(array);
  return array;
}

/** Hands out arrays with whatever is in them; undefined while no job runs, and for what V8 is to refuse. */
function taker(name: string, make: (length: number) => Kept): Take {
  return (length) => {
    const { playing } = state;
    if (playing === undefined || !Number.isInteger(length) || length < 0) return undefined;
    if (playing.recording) return record(playing.arrays, name, length, () => make(length));
    const array = playing.arrays[playing.next++];
    if (array?.length !== length) {
      throw new OtherArraysError(`array ${playing.next}: a ${name} of ${length} elements`);
    }
    return array;
  };
}

// Refers to nothing but its parameters, for it is compiled anew for each kind, or all would share what V8 learns.
function makeReplacement(Original: Kind, now: typeof state, take: Take): Kind {
  function Replacement(a?: unknown, b?: unknown, c?: unknown) {
    // A subclass.
    if (new.target !== Replacement) return Reflect.construct(Original, [a, b, c], new.target);
    if (now.playing === undefined) return new Original(a, b, c);
    if (typeof a === 'number') {
      const array = take(a);
      if (array !== undefined) return array.fill(0);
    } else if (Array.isArray(a) || (ArrayBuffer.isView(a) && !(a instanceof DataView))) {
      const array = take((a as Kept).length);
      if (array !== undefined) {
        array.set(a as Kept);
        return array;
      }
    }
    return new Original(a, b, c);
  }
  return Replacement as unknown as Kind;
}

function replaceConstructor(name: string): void {
  const Original = (globalThis as Record<string, unknown>)[name] as Kind;
  const take = taker(name, (length) => new Original(length));
  const Replacement = compileAnew(makeReplacement)(Original, state, take);
  for (const key of Reflect.ownKeys(Original)) {
    const property = Reflect.getOwnPropertyDescriptor(Original, key) as PropertyDescriptor;
    Object.defineProperty(Replacement, key, property);
  }
  Object.setPrototypeOf(Replacement, Object.getPrototypeOf(Original));
  Object.defineProperty(Original.prototype, 'constructor', { value: Replacement });
  // Deleted first, or V8 takes it for a variable.
  delete (globalThis as Record<string, unknown>)[name];
  Object.defineProperty(globalThis, name, {
    value: Replacement,
    writable: true,
    configurable: true,
  });
}

function replaceBufferMakers(): void {
  const { alloc, allocUnsafe } = Buffer;
  const take = taker('Buffer', (length) => allocUnsafe(length) as unknown as Kept);
  Buffer.alloc = (size, fill, encoding) => {
    const kept = fill === undefined ? take(size) : undefined;
    return kept === undefined
      ? alloc(size, fill, encoding)
      : (kept.fill(0) as unknown as Buffer<ArrayBuffer>);
  };
  Buffer.allocUnsafe = (size) =>
    (take(size) as unknown as Buffer<ArrayBuffer> | undefined) ?? allocUnsafe(size);
  Buffer.concat = (list, length = list.reduce((sum, part) => sum + part.length, 0)) => {
    const whole = Buffer.allocUnsafe(length);
    let end = 0;
    for (const part of list) {
      whole.set(end + part.length > length ? part.subarray(0, length - end) : part, end);
      end = Math.min(length, end + part.length);
    }
    return end < length ? (whole.fill(0, end) as Buffer<ArrayBuffer>) : whole;
  };
}

for (const name of [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]) {
  replaceConstructor(name);
}
replaceBufferMakers();

const recorded = new Map<() => unknown, Kept[]>();

/**
 * Runs a job with the arrays of its first run.
 * @throws {OtherArraysError} when it makes others than then
 */
export function withKeptArrays<T>(job: () => T): T {
  const arrays = recorded.get(job);
  used.clear();
  state.playing = { recording: arrays === undefined, arrays: arrays ?? [], next: 0 };
  recorded.set(job, state.playing.arrays);
  try {
    return job();
  } finally {
    state.playing = undefined;
  }
}
