/** What is done with an array once it is there. Gives a number that depends on it. */
export type Use = (array: Float64Array, value: number) => number;

/** Plain functions, so that each variant can compile its own. */
export const WORKLOADS = {
  'one element written': function writeOne(array: Float64Array, value: number): number {
    array[0] = value;
    return (array[0] as number) + array.length;
  },

  'every element written': function writeAll(array: Float64Array, value: number): number {
    for (let i = 0; i < array.length; i++) array[i] = value + i;
    return (array[0] as number) + (array[array.length - 1] as number);
  },

  'never written': function writeNone(array: Float64Array, value: number): number {
    return array.length + value;
  },
} satisfies Record<string, Use>;

export type Workload = keyof typeof WORKLOADS;

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as Workload[];
