/**
 * Where the arrays come from. `'floor'`: views on memory that is already there, brought into the state that the
 * construction promises. It and `'plain'` run in a process that has never loaded the package, {@link AGAIN} and
 * {@link WALKED} in others of that kind.
 */
export type Variant = 'plain' | Release | 'floor' | typeof WALKED | typeof AGAIN | Peer;

/**
 * The floor of what has to wait for the garbage collector: memory kept by hand that is walked through, as nobody knows what
 * of it is dead before a collection.
 */
export const WALKED = 'walked floor';

/** What `'plain'` is, once more. */
export const AGAIN = 'plain again';

export const RELEASES = ['collected', 'exit'] as const;
export type Release = (typeof RELEASES)[number];

/** Libraries that keep typed arrays for later use. */
export const PEERS = ['typedarray-pool', '@thi.ng/malloc', '@stdlib/array/pool'] as const;
export type Peer = (typeof PEERS)[number];

export function isRelease(variant: Variant): variant is Release {
  return (RELEASES as readonly Variant[]).includes(variant);
}
