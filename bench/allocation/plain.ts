// Loaded before arena-pirate, whose loading replaces the constructors: what stands here is what a
// program without the package gets from `new`.

/** Node's own Float64Array. */
export const PlainFloat64Array = Float64Array;
