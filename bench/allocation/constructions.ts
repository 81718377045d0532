import { KIB } from '../settings.js';
import type { Release } from './variant.js';
import {
  FILLING,
  type Made,
  OVERWRITING,
  READING,
  SEARCHING,
  SETTING,
  type Use,
  type Workload,
  WRITING,
} from './workloads.js';

/** Makes an array of so many elements, the so-manieth of its scope. */
export type Make = (length: number, index: number) => Made;

/** What copies are made from. */
export interface Sources {
  readonly numbers: readonly number[];
  readonly doubles: Float64Array;
  /** Together as long as the Buffer that is to be made. */
  readonly parts: readonly Buffer[];
}

/** A way to make arrays. All functions are source text for compileAnew. */
interface Construction<M extends Made> {
  readonly bytesPerElement: 1 | 8;
  /** Whether the arrays are made from {@link Sources}, whose length they have then. */
  readonly copies: boolean;
  /** What is done with the arrays. */
  readonly uses: Readonly<Partial<Record<Workload, Use<M>>>>;
  /** As anyone writes it. */
  readonly ordinary: (sources: Sources) => (length: number, index: number) => M;
  /** As a program does that keeps memory for it, by hand. */
  readonly kept: (sources: Sources, memory: ArrayBuffer) => (length: number, index: number) => M;
  /** The smallest arrays that arenas take in. */
  readonly leastBytes: LeastBytes;
}

type LeastBytes = Readonly<Record<Release, number>>;

const fromBytes = (bytes: number): LeastBytes => ({ collected: bytes, exit: bytes });

// V8 keeps arrays of up to 64 bytes on its own heap, and arenas leave them there.
const ON_HEAP_BYTES = 64;
/** From Node 26 on the constructor is V8's own. */
export const REPLACES_ARRAY_BUFFER = Number(process.versions.node.split('.')[0]) < 26;
// Smaller ones gain nothing, see lib/capture/array-buffer.ts.
const LEAST_ARRAY_BUFFER: LeastBytes = !REPLACES_ARRAY_BUFFER
  ? fromBytes(Number.POSITIVE_INFINITY)
  : Number(process.versions.v8.split('.')[0]) >= 13
    ? fromBytes(32 * KIB)
    : { collected: 128 * KIB, exit: 64 * KIB };

const doubles = { bytesPerElement: 8, leastBytes: fromBytes(ON_HEAP_BYTES + 1) } as const;
const bytes = { bytesPerElement: 1, leastBytes: fromBytes(ON_HEAP_BYTES + 1) } as const;

// Node's pool is as fast for less.
const LEAST_UNSAFE = 192;
const LEAST_CONCAT = 256;

const PARTS = 4;

export const BY_LENGTH = 'new Float64Array(n)' as const;

/** What is measured, by the name of its group. */
export const CONSTRUCTIONS = {
  [BY_LENGTH]: construction({
    ...doubles,
    copies: false,
    uses: WRITING,
    ordinary: () => (length) => new Float64Array(length),
    kept: (_sources, memory) => (length, index) =>
      new Float64Array(memory, 8 * index * length, length).fill(0),
  }),

  'new Float64Array(array)': construction({
    ...doubles,
    copies: true,
    uses: READING,
    ordinary:
      ({ numbers }) =>
      () =>
        new Float64Array(numbers),
    kept:
      ({ numbers }, memory) =>
      (length, index) => {
        const array = new Float64Array(memory, 8 * index * length, length);
        array.set(numbers);
        return array;
      },
  }),

  'new Float64Array(typedArray)': construction({
    ...doubles,
    copies: true,
    uses: READING,
    ordinary:
      ({ doubles }) =>
      () =>
        new Float64Array(doubles),
    kept: copyOfDoubles,
  }),

  'float64Array.slice()': construction({
    ...doubles,
    copies: true,
    uses: READING,
    ordinary:
      ({ doubles }) =>
      () =>
        doubles.slice(),
    kept: copyOfDoubles,
  }),

  'float64Array.map(f)': construction({
    ...doubles,
    copies: true,
    uses: READING,
    ordinary:
      ({ doubles }) =>
      () =>
        doubles.map((x) => 2 * x + 1),
    kept:
      ({ doubles }, memory) =>
      (length, index) => {
        const array = new Float64Array(memory, 8 * index * length, length);
        for (let i = 0; i < length; i++) array[i] = 2 * (doubles[i] as number) + 1;
        return array;
      },
  }),

  'Buffer.alloc(n)': construction({
    ...bytes,
    copies: false,
    uses: FILLING,
    ordinary: () => (length) => Buffer.alloc(length),
    kept: (_sources, memory) => (length, index) =>
      Buffer.from(memory, index * length, length).fill(0),
  }),

  'Buffer.allocUnsafe(n)': construction({
    ...bytes,
    leastBytes: fromBytes(LEAST_UNSAFE),
    copies: false,
    uses: OVERWRITING,
    ordinary: () => (length) => Buffer.allocUnsafe(length),
    kept: (_sources, memory) => (length, index) => Buffer.from(memory, index * length, length),
  }),

  'Buffer.concat(parts)': construction({
    ...bytes,
    leastBytes: fromBytes(LEAST_CONCAT),
    copies: true,
    uses: SEARCHING,
    ordinary:
      ({ parts }) =>
      () =>
        Buffer.concat(parts),
    kept:
      ({ parts }, memory) =>
      (length, index) => {
        const buffer = Buffer.from(memory, index * length, length);
        let at = 0;
        for (const part of parts) {
          buffer.set(part, at);
          at += part.length;
        }
        return buffer;
      },
  }),

  'new DataView(new ArrayBuffer(n))': construction({
    bytesPerElement: 1,
    leastBytes: LEAST_ARRAY_BUFFER,
    copies: false,
    uses: SETTING,
    ordinary: () => (length) => new DataView(new ArrayBuffer(length)),
    kept: (_sources, memory) => (length, index) => {
      new Uint8Array(memory, index * length, length).fill(0);
      return new DataView(memory, index * length, length);
    },
  }),
};

export type ConstructionName = keyof typeof CONSTRUCTIONS;
export const CONSTRUCTION_NAMES = Object.keys(CONSTRUCTIONS) as ConstructionName[];

/** Whether a target is about the walked floor of what is made and used like that. */
export function hasWalkedFloor(construction: ConstructionName, workload: Workload): boolean {
  return construction === BY_LENGTH && workload === 'every element written';
}

export function usesOf(name: ConstructionName): Workload[] {
  return Object.keys(CONSTRUCTIONS[name].uses) as Workload[];
}

/** Sources for arrays of so many elements; empty ones where nothing is copied. */
export function sourcesFor(name: ConstructionName, elements: number): Sources {
  const { copies, bytesPerElement } = CONSTRUCTIONS[name];
  const length = copies ? elements : 0;
  const numbers = Array.from({ length }, (_, i) => i % KIB);
  return {
    numbers,
    doubles: Float64Array.from(numbers),
    parts:
      bytesPerElement === 1
        ? Array.from({ length: PARTS }, (_, i) => Buffer.alloc(length / PARTS, i + 1))
        : [],
  };
}

function copyOfDoubles({ doubles }: Sources, memory: ArrayBuffer) {
  return (length: number, index: number): Float64Array => {
    const array = new Float64Array(memory, 8 * index * length, length);
    array.set(doubles);
    return array;
  };
}

/** Each use goes with what its own construction gives: from here on nobody has to know which. */
function construction<M extends Made>(given: Construction<M>): Construction<Made> {
  return given as unknown as Construction<Made>;
}
