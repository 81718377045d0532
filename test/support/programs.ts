// Random programs of allocations, scopes and what goes on around them.
import type { Release } from 'arena-pirate';
import fc from 'fast-check';

/** An array that was made, and the bytes of every allocation that this asked for. */
interface Made {
  readonly array: Uint8Array | Uint16Array | Float32Array | Float64Array;
  readonly asked: readonly number[];
}

/** The ways in which programs allocate. Where none is named otherwise, `bytes` is what they ask. */
export const MAKERS = {
  Uint8Array: (bytes) => ({ array: new Uint8Array(bytes), asked: [bytes] }),
  Uint16Array: (bytes) => ({ array: new Uint16Array(bytes >> 1), asked: [bytes & -2] }),
  Float64Array: (bytes) => ({ array: new Float64Array(bytes >> 3), asked: [bytes & -8] }),
  'Float32Array of a Uint8Array': (bytes) => ({
    array: new Float32Array(new Uint8Array(bytes >> 2)),
    asked: [bytes >> 2, bytes & -4],
  }),
  slice: (bytes) => ({ array: new Uint8Array(bytes).slice(), asked: [bytes, bytes] }),
  subarray: (bytes) => ({
    array: new Uint8Array(bytes + 10).subarray(5, bytes + 5),
    asked: [bytes + 10],
  }),
  'view of an exact buffer': (bytes) => ({
    array: new Uint8Array(new Uint8Array(bytes).buffer),
    asked: [bytes],
  }),
  'Buffer.alloc': (bytes) => ({ array: Buffer.alloc(bytes), asked: [bytes] }),
  'Buffer.concat': (bytes) => ({
    array: Buffer.concat([new Uint8Array(1), new Uint8Array(bytes)]),
    asked: [1, bytes, bytes + 1],
  }),
} as const satisfies Record<string, (bytes: number) => Made>;

/** One step of a program. */
export type Step =
  | { do: 'allocate'; how: keyof typeof MAKERS; bytes: number }
  | { do: 'drop'; which: number }
  | { do: 'collect'; type: 'minor' | 'major' }
  | { do: 'clear' }
  | { do: 'wait'; how: number }
  | {
      do: 'nest';
      kind: Release | 'none';
      sync: boolean;
      minBytes: number;
      throws: boolean;
      steps: Step[];
    }
  /** An asynchronous scope that runs beside what follows, and beyond its end unless `joined`. */
  | { do: 'fork'; kind: Release | 'none'; minBytes: number; joined: boolean; steps: Step[] };

const kind = fc.constantFrom<Release | 'none'>('collected', 'collected', 'exit', 'exit', 'none');
const minBytes = fc.constantFrom(65, 65, 1, 500);

/** Programs whose arrays range from nothing to a few slabs. */
export function programs(slabBytes: number): fc.Arbitrary<Step[]> {
  const bytes = fc.oneof(
    { weight: 6, arbitrary: fc.nat(2000) },
    { weight: 2, arbitrary: fc.nat(slabBytes / 2 + 64) },
    { weight: 1, arbitrary: fc.nat(3 * slabBytes) },
  );
  const hows = Object.keys(MAKERS) as (keyof typeof MAKERS)[];
  const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
    steps: fc.array(tie('step'), { maxLength: 10, depthIdentifier: 'nest' }),
    step: fc.oneof(
      { depthIdentifier: 'nest', maxDepth: 4 },
      {
        weight: 12,
        arbitrary: fc.record({
          do: fc.constant('allocate' as const),
          how: fc.constantFrom(...hows),
          bytes,
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('drop' as const), which: fc.nat(50) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), how: fc.nat(2) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('collect' as const),
          type: fc.constantFrom('minor', 'minor', 'minor', 'minor', 'major'),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('nest' as const),
          kind,
          sync: fc.boolean(),
          minBytes,
          throws: fc.boolean(),
          steps: tie('steps'),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('fork' as const),
          kind,
          minBytes,
          joined: fc.boolean(),
          steps: tie('steps'),
        }),
      },
    ),
  }));
  return steps;
}
