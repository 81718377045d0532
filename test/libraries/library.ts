/**
 * One way of using a library, as a program would. It gives back all that can be observed, the same
 * each time; it knows nothing of arenas.
 */
// A method's parameter type may be narrower: a list of libraries holds uses of different ones.
export type Use<Lib> = { use(lib: Lib): unknown }['use'];

/** Memory of its own that a library keeps, which an `'exit'` scope must not own. */
export interface KeptMemory<Lib> {
  /** What makes the library keep it, in the state in which it was loaded. */
  readonly keep: Use<Lib>;
  /** Part of what the checked mode says of it. */
  readonly sign: string;
  /**
   * Used once outside all scopes, the library never again makes such memory in a scope. Left out
   * where it does all the same, and only `noArena` or `'collected'` helps.
   */
  readonly warmUp?: Use<Lib>;
}

/** A library that is to work in arenas as it does in plain Node. */
export interface Library<Lib = unknown> {
  /** The npm package, or the global. */
  readonly name: string;
  /** Loads it with `require`, so that this may be the first time inside a scope. */
  load(): Lib;
  /** What it needs around it, made and ended outside all scopes. */
  readonly around?: { start(): Promise<void>; stop(): Promise<void> };
  readonly uses: Readonly<Record<string, Use<Lib>>>;
  /** By the name that docs/libraries.md gives it. */
  readonly kept?: Readonly<Record<string, KeptMemory<Lib>>>;
  /**
   * Uses that make the library keep memory anew however warm it is: in `'exit'` scopes they run
   * within `noArena`.
   */
  readonly notForExit?: readonly string[] | 'all';
}

// Another kind of object in each version of Node, with the call stack in it.
function described(error: unknown): unknown {
  return error instanceof DOMException ? [error.name, error.message] : error;
}

/** What a function throws, or rejects with, as a value. */
export function failureOf(fn: () => PromiseLike<unknown>): Promise<unknown>;
export function failureOf(fn: () => unknown): unknown;
export function failureOf(fn: () => unknown): unknown {
  const missing = 'nothing was thrown';
  try {
    const result = fn();
    if (!(result instanceof Promise)) return missing;
    return result.then(() => missing, described);
  } catch (error) {
    return described(error);
  }
}

/** Everything a stream gives, in one Buffer. */
export async function contentOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes cut into pieces of uneven lengths, as a network delivers them. */
export function pieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + length + (i % 7) * 11;
    all.push(bytes.subarray(at, end));
    at = end;
  }
  return all;
}
