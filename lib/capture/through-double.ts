/**
 * Where loops of ours put a number on its way from one array to another. V8's own methods make a double of each element, which
 * makes a signaling NaN a quiet one; a loop that TurboFan has compiled takes the bits of a float as they are, and a program can
 * see those. A store and a load in between are left alone.
 */
export const double = new Float64Array(1);

/** Whether elements of such arrays are floats smaller than a double. */
export function holdsSmallFloats(name: string): boolean {
  return name === 'Float32Array' || name === 'Float16Array';
}
