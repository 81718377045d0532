/**
 * Hoare's quickselect: reorders `values` until the `n`-th smallest stands at index `n`, nothing larger before it
 * and nothing smaller after it.
 */
export function selectNth(values: Float64Array, n: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = medianOfThree(values, left, right);
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i <= j) swap(values, i++, j--);
    }
    // Between j and i, if anything is left there, stand only values equal to the pivot.
    if (n <= j) right = j;
    else if (n >= i) left = i;
    else break;
  }
  return values[n] as number;
}

/** A pivot that does not go quadratic on sorted input. */
function medianOfThree(values: Float64Array, left: number, right: number): number {
  const a = values[left] as number;
  const b = values[(left + right) >> 1] as number;
  const c = values[right] as number;
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] as number;
  values[i] = values[j] as number;
  values[j] = kept;
}
