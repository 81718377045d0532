/** RGBA, row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const CHANNELS = 4;

/** Fills another picture with this one, first across and then down, by bilinear interpolation. */
export function resize(picture: Pixels, target: Pixels): void {
  const { width, height } = target;
  const across = new Float32Array(width * picture.height * CHANNELS);
  for (let x = 0; x < width; x++) {
    const { low, high, part } = between(x, width, picture.width);
    for (let y = 0; y < picture.height; y++) {
      const row = y * picture.width;
      for (let c = 0; c < CHANNELS; c++) {
        const a = picture.data[(row + low) * CHANNELS + c] as number;
        const b = picture.data[(row + high) * CHANNELS + c] as number;
        across[(y * width + x) * CHANNELS + c] = a + (b - a) * part;
      }
    }
  }
  const rowLength = width * CHANNELS;
  for (let y = 0; y < height; y++) {
    const { low, high, part } = between(y, height, picture.height);
    for (let i = 0; i < rowLength; i++) {
      const a = across[low * rowLength + i] as number;
      const b = across[high * rowLength + i] as number;
      target.data[y * rowLength + i] = Math.round(a + (b - a) * part);
    }
  }
}

/** The two old places that the middle of a new one lies between, and how far it is from the first. */
function between(
  place: number,
  length: number,
  oldLength: number,
): { low: number; high: number; part: number } {
  const old = Math.max(0, ((place + 0.5) * oldLength) / length - 0.5);
  const low = Math.floor(old);
  return { low, high: Math.min(low + 1, oldLength - 1), part: old - low };
}
