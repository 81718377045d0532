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

// By Buffer's own methods, as such memory mostly is. In a loop each byte takes a nanosecond or two, whatever memory it lies
// in: making the array is a tenth of that at most, and two runs of the same code differ by more.

function fillAll(buffer: Buffer, value: number): number {
  buffer.fill(value & 127);
  return (buffer[0] as number) + (buffer[buffer.length - 1] as number);
}

function fillAndSearchAll(buffer: Buffer, value: number): number {
  buffer.fill(value & 127);
  return buffer.indexOf(255) + (buffer[0] as number) + (buffer[buffer.length - 1] as number);
}

// No part has zeros.
function searchAll(buffer: Buffer): number {
  return buffer.indexOf(0) + (buffer[0] as number) + (buffer[buffer.length - 1] as number);
}

function setOne(view: DataView, value: number): number {
  view.setFloat64(0, value);
  return view.getFloat64(0) + view.byteLength;
}

// Asking for `byteLength` each time, and doubles in the other byte order, took three times as long: 90 µs for 64 KB.
function setAll(view: DataView, value: number): number {
  const { byteLength } = view;
  for (let at = 0; at < byteLength; at += 8) view.setFloat64(at, value + at, true);
  return view.getFloat64(0, true) + view.getFloat64(byteLength - 8, true);
}

/** Of what reads as zero at first. */
export const WRITING = {
  'one element written': writeOne,
  'every element written': writeAll,
  [READ_BACK]: writeAndReadAll,
  'never written': writeNone,
};

/** Of what holds something already. */
export const READING = { 'every element read': readAll };

/** Of Buffers that read as zero at first. */
export const FILLING = {
  'one element written': writeOne,
  'every element written': fillAll,
  [READ_BACK]: fillAndSearchAll,
  'never written': writeNone,
};

/** Of Buffers that may hold anything at first. */
export const OVERWRITING = {
  'one element written': writeOne,
  'every element written': fillAll,
};

/** Of Buffers that hold something already. */
export const SEARCHING = { 'every element read': searchAll };

export const SETTING = { 'one element written': setOne, 'every element written': setAll };
