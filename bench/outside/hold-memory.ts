/**
 * Loaded before everything else in processes without the package that are to hold as much memory as those with it: the
 * more of it is alive in ArrayBuffers, the more of what V8 frees does malloc hand to the kernel and fetch again.
 */
import { MIB } from '../settings.js';

// Of one window, which V8 counts as a whole, for each kind of scope that has been used.
const BYTES = 2 * MIB;

export const held = [new ArrayBuffer(BYTES), new ArrayBuffer(BYTES)];
