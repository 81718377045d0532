import { gate } from '../gate.js';
import { OriginalArrayBuffer } from '../intrinsics.js';
import { currentScope } from '../scope.js';
import { place } from '../source.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

// Larger ones than V8 can make are left to V8 to refuse.
const MOST_BYTES = 2 ** 32;

// The smallest ArrayBuffer worth the 1.4 µs that an external one costs.
function isLarge(length: unknown): length is number {
  return (
    typeof length === 'number' &&
    length > gate.ceiling &&
    length <= MOST_BYTES &&
    Number.isInteger(length)
  );
}

function construct(newTarget: unknown, length: unknown, options: unknown): ArrayBuffer {
  if (gate.open > 0 && newTarget === Replacement && isLarge(length) && options === undefined) {
    const scope = currentScope();
    if (length >= scope.minBytes && scope.source.allocate(length, scope.zeroFill)) {
      return place.buffer;
    }
  }
  const target = newTarget === Replacement ? OriginalArrayBuffer : newTarget;
  return Reflect.construct(OriginalArrayBuffer, [length, options], target as typeof ArrayBuffer);
}

// See makeReplacement in constructor.ts for why it is a class that extends null.
class Replacement extends null {
  constructor(length?: unknown, options?: unknown) {
    // biome-ignore lint/correctness/noConstructorReturn: a built-in's place is taken
    return construct(new.target, length, options);
  }
}
Object.defineProperty(Replacement, 'name', { value: 'ArrayBuffer' });
Object.defineProperty(Replacement, Symbol.hasInstance, {
  value: (value: unknown) => value instanceof OriginalArrayBuffer,
});

/** Replaces the ArrayBuffer constructor. */
export function patchArrayBuffer(patches: Patches): void {
  const bound = Replacement.bind(undefined) as unknown as ArrayBufferConstructor;
  for (const key of Reflect.ownKeys(OriginalArrayBuffer)) {
    const property = Reflect.getOwnPropertyDescriptor(OriginalArrayBuffer, key);
    Object.defineProperty(bound, key, property as PropertyDescriptor);
  }
  disguise(bound, OriginalArrayBuffer);
  patches.replace(globalThis, 'ArrayBuffer', { value: bound });
  patches.replace(OriginalArrayBuffer.prototype, 'constructor', { value: bound });
}
