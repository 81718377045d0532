/**
 * Where the arrays come from. `'floor'`: views on memory that is already there, brought into the state that the
 * construction promises. It and `'plain'` run in a process that has never loaded the package, {@link BESIDE} in others of
 * that kind.
 */
export type Variant = 'plain' | Release | 'floor' | Beside | Peer;

/**
 * The floor of what has to wait for the garbage collector: memory kept by hand that is walked through, as nobody knows what
 * of it is dead before a collection.
 */
export const WALKED = 'walked floor';

/** What `'plain'` is, once more. */
export const AGAIN = 'plain again';

/** What `'floor'` is, once more. */
export const FLOOR_AGAIN = 'floor again';

/**
 * Plain Node, in which what the package replaces is replaced by functions that do nothing but call it: the floor of what
 * Node is to make in scopes, too.
 */
export const STAND_IN = 'stand-in';

/** Each has a process of its own: to see how far two differ that do the same, or as nothing else is to run like that. */
export const BESIDE = [WALKED, AGAIN, FLOOR_AGAIN, STAND_IN] as const;
export type Beside = (typeof BESIDE)[number];

export const RELEASES = ['collected', 'exit'] as const;
export type Release = (typeof RELEASES)[number];

/** Libraries that keep typed arrays for later use. */
export const PEERS = ['typedarray-pool', '@thi.ng/malloc', '@stdlib/array/pool'] as const;
export type Peer = (typeof PEERS)[number];

export function isRelease(variant: Variant): variant is Release {
  return (RELEASES as readonly Variant[]).includes(variant);
}
