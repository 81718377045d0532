/**
 * Loaded before everything else in processes without the package that are to have as much in memory as those with it. Any
 * ArrayBuffers that are alive have malloc hand more of what V8 frees to the kernel and fetch it again; and with any code and
 * objects of a MiB or two V8's young generation grows beyond its first MiB, from where on a collection wakes other threads,
 * which takes longer than what they help with.
 */
import { MIB } from '../settings.js';

// Of one window, which V8 counts as a whole, for each kind of scope that has been used.
const BYTES = 2 * MIB;
// About 1.5 MiB, as the package has.
const OBJECTS = 12_000;

export const held = [new ArrayBuffer(BYTES), new ArrayBuffer(BYTES)];
export const heldToo = Array.from({ length: OBJECTS }, (_, i) => ({ i, name: `object ${i}` }));
