// Random messages, as recipes that fast-check makes and shrinks.
import fc from 'fast-check';

/** A part of a message, by what becomes of it. */
export type Recipe =
  | { make: 'primitive'; value: unknown }
  | { make: 'symbol' | 'function' | 'promise' | 'proxy' | 'date' | 'regexp' | 'boxed' | 'weakmap' }
  | { make: 'arguments' | 'generator' | 'blob' | 'emitter' | 'foreign' }
  | {
      make: 'array' | 'subarray' | 'buffer' | 'view' | 'whole' | 'subclass';
      base: number;
      at: number;
    }
  | { make: 'again'; which: number }
  | { make: 'list' | 'sparse' | 'set'; items: Recipe[]; frozen: boolean }
  // Objects that are alike but for what they hold.
  | { make: 'records' | 'instances' | 'dates'; items: Recipe[]; frozen: boolean }
  | { make: 'map'; entries: [Recipe, Recipe][] }
  | {
      make: 'object' | 'instance' | 'old instance' | 'guarded' | 'bare' | 'named list';
      properties: [string, Recipe, 'value' | 'getter' | 'hidden' | 'symbol'][];
      frozen: boolean;
    }
  | { make: 'error'; type: 'Error' | 'RangeError' | 'own'; cause: Recipe; extra: Recipe };

/** A message with the arrays that it is about. */
export interface MessageRecipe {
  readonly bases: { type: string; length: number; source: 'new' | 'buffer' | 'ArrayBuffer' }[];
  readonly message: Recipe;
  /** Which bases' buffers are transferred. */
  readonly transfer: number[];
}

const { message } = fc.letrec<{ message: Recipe; leaf: Recipe }>((tie) => {
  const binary = fc.record({
    make: fc.constantFrom('array', 'subarray', 'subarray', 'buffer', 'view', 'whole', 'subclass'),
    base: fc.nat(3),
    at: fc.nat(20),
  });
  const frozen = fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  );
  const how = fc.oneof(
    { weight: 8, arbitrary: fc.constant('value') },
    { weight: 2, arbitrary: fc.constantFrom('getter', 'hidden', 'symbol') },
  );
  const key = fc.constantFrom(
    'a',
    'b',
    'c',
    '0',
    '7',
    '__proto__',
    'length',
    'constructor',
    'name',
  );
  return {
    leaf: fc.oneof(
      { weight: 10, arbitrary: binary },
      {
        weight: 4,
        arbitrary: fc.record({
          make: fc.constant('primitive'),
          value: fc.constantFrom(1, -0, 'text', true, null, undefined, 2n ** 70n, Number.NaN),
        }),
      },
      { weight: 4, arbitrary: fc.record({ make: fc.constant('again'), which: fc.nat(30) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          make: fc.constantFrom('date', 'regexp', 'boxed', 'emitter', 'foreign', 'blob'),
        }),
      },
    ) as fc.Arbitrary<Recipe>,
    message: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 3, arbitrary: tie('leaf') },
      {
        weight: 2,
        arbitrary: fc.record({
          make: fc.constantFrom('list', 'sparse', 'set'),
          items: fc.array(tie('message'), { maxLength: 5 }),
          frozen,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          make: fc.constantFrom('records', 'records', 'instances', 'dates'),
          items: fc.oneof(
            { weight: 5, arbitrary: fc.array(tie('message'), { maxLength: 5 }) },
            {
              weight: 1,
              arbitrary: fc.array(tie('leaf'), {
                minLength: 60,
                maxLength: 90,
                size: 'max',
                depthIdentifier: fc.createDepthIdentifier(),
              }),
            },
          ),
          frozen: fc.constant(false),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          make: fc.constant('map'),
          entries: fc.array(fc.tuple(tie('message'), tie('message')), { maxLength: 4 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          make: fc.constantFrom(
            'object',
            'object',
            'object',
            'instance',
            'old instance',
            'guarded',
            'bare',
            'named list',
          ),
          properties: fc.array(fc.tuple(key, tie('message'), how), { maxLength: 5 }),
          frozen,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          make: fc.constant('error'),
          type: fc.constantFrom('Error', 'RangeError', 'own'),
          cause: tie('message'),
          extra: tie('leaf'),
        }),
      },
    ) as fc.Arbitrary<Recipe>,
  };
});

const refused = fc.record({
  make: fc.constantFrom(
    'symbol',
    'function',
    'promise',
    'proxy',
    'weakmap',
    'arguments',
    'generator',
  ),
}) as fc.Arbitrary<Recipe>;

// One message in some has something in it that cannot be cloned.
const withRefused = fc
  .tuple(message, refused)
  .map<Recipe>(([part, other]) => ({ make: 'list', items: [part, other], frozen: false }));

/** Messages of all kinds about a few arrays. */
export const messages: fc.Arbitrary<MessageRecipe> = fc.record({
  bases: fc.array(
    fc.record({
      type: fc.constantFrom('Uint8Array', 'Float64Array', 'BigInt64Array', 'Uint8ClampedArray'),
      length: fc.oneof(
        { weight: 40, arbitrary: fc.integer({ min: 1, max: 60 }) },
        { weight: 20, arbitrary: fc.constant(1000) },
        // An ArrayBuffer of its own.
        { weight: 1, arbitrary: fc.constant(140_000) },
      ),
      source: fc.constantFrom('new', 'new', 'new', 'new', 'buffer', 'ArrayBuffer'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  message: fc.oneof({ weight: 6, arbitrary: message }, { weight: 1, arbitrary: withRefused }),
  transfer: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(3), { maxLength: 3 }) },
  ),
});
