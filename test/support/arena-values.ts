import { arena, isArenaArray } from 'arena-pirate';
import { fillPattern } from './pattern.js';

/** Makes something in a scope whose arrays stay valid after it. */
export const made = <T>(fn: () => T): T =>
  arena.sync(fn, { release: 'collected', copyResult: false });
export const bytes = (length = 1000, seed = 1) =>
  made(() => fillPattern(new Uint8Array(length), seed));

/** The arena arrays in a value, by a walk of the test's own. */
export function arenaArraysIn(value: unknown, seen = new Set<unknown>()): unknown[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return isArenaArray(value) ? [value] : [];
  }
  const children: unknown[] = Reflect.ownKeys(value).map(
    (key) => Reflect.getOwnPropertyDescriptor(value, key)?.value,
  );
  if (value instanceof Map) children.push(...value.keys(), ...value.values());
  if (value instanceof Set) children.push(...value);
  return children.flatMap((child) => arenaArraysIn(child, seen));
}
