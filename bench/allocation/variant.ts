/** Where the arrays come from. `'floor'`: views on memory that is already there, filled with 0. */
export type Variant = 'plain' | 'collected' | 'exit' | 'floor';

/** `'plain'` comes first: the others are compared with it. */
export const VARIANTS: readonly Variant[] = ['plain', 'collected', 'exit', 'floor'];
