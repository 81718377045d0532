/**
 * Where the arrays come from. `'floor'`: views on memory that is already there, brought into the state that the
 * construction promises. It and `'plain'` run in a process that has never loaded the package, and {@link AGAIN} in another
 * such process.
 */
export type Variant = 'plain' | Release | 'floor' | typeof AGAIN | Peer;

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
