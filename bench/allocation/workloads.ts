/** What a construction gives. */
export type Made = Numbers | DataView;

/** A typed array or a Buffer. */
export interface Numbers {
  readonly length: number;
  [index: number]: number;
}

/** What is done with an array once it is there. Gives a number that depends on it. */
export type Use<M extends Made = Made> = (made: M, value: number) => number;

export type Workload =
  | 'one element written'
  | 'every element written'
  | typeof READ_BACK
  | 'never written'
  | 'every element read';

/** As long again as what is written: not of all sizes, see sizes.ts. */
export const READ_BACK = 'every element written and read';

// Plain functions, so that each variant can compile its own.

function writeOne(array: Numbers, value: number): number {
  array[0] = value & 127;
  return (array[0] as number) + array.length;
}

function writeAll(array: Numbers, value: number): number {
  for (let i = 0; i < array.length; i++) array[i] = (value + i) & 127;
  return (array[0] as number) + (array[array.length - 1] as number);
}

function writeAndReadAll(array: Numbers, value: number): number {
  for (let i = 0; i < array.length; i++) array[i] = (value + i) & 127;
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += array[i] as number;
  return sum;
}

function writeNone(array: Numbers, value: number): number {
  return array.length + value;
}

function readAll(array: Numbers): number {
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += array[i] as number;
  return sum;
}

function setOne(view: DataView, value: number): number {
  view.setFloat64(0, value);
  return view.getFloat64(0) + view.byteLength;
}

function setAll(view: DataView, value: number): number {
  for (let at = 0; at < view.byteLength; at += 8) view.setFloat64(at, value + at);
  return view.getFloat64(0) + view.getFloat64(view.byteLength - 8);
}

/** Of what reads as zero at first. */
export const WRITING = {
  'one element written': writeOne,
  'every element written': writeAll,
  [READ_BACK]: writeAndReadAll,
  'never written': writeNone,
};

/** Of what may hold anything at first. */
export const OVERWRITING = {
  'one element written': writeOne,
  'every element written': writeAll,
};

/** Of what holds something already. */
export const READING = { 'every element read': readAll };

export const SETTING = { 'one element written': setOne, 'every element written': setAll };
