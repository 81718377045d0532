// Random values of the kinds that scopes return: lists and objects with few arrays in them, most of
// them ordinary in every way.
import fc from 'fast-check';

type How = 'ordinary' | 'read-only' | 'fixed' | 'hidden' | 'getter' | 'symbol' | '__proto__';

type Container =
  | { make: 'list'; items: SmallValue[]; fixed: boolean; how: How }
  | { make: 'record'; properties: [How, SmallValue][]; fixed: boolean };

export type SmallValue =
  | { make: 'array' | 'other' | 'again'; which: number }
  | { make: 'part' | 'primitive' }
  | Container;

const rarely = fc.nat(9).map((value) => value === 0);
const how = fc.oneof(
  { weight: 25, arbitrary: fc.constant<How>('ordinary') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<How>(
      'read-only',
      'fixed',
      'hidden',
      'getter',
      'symbol',
      '__proto__',
    ),
  },
);

export const { value: smallValues } = fc.letrec<{ value: SmallValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: fc.record({ make: fc.constant('array'), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ make: fc.constant('other'), which: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ make: fc.constant('again'), which: fc.nat(9) }) },
    {
      weight: 2,
      arbitrary: fc.record({ make: fc.constantFrom('primitive', 'primitive', 'part') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        make: fc.constant('list'),
        items: fc.array(tie('value'), { maxLength: 4 }),
        fixed: rarely,
        how,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        make: fc.constant('record'),
        properties: fc.array(fc.tuple(how, tie('value')), { maxLength: 4 }),
        fixed: rarely,
      }),
    },
  ) as fc.Arbitrary<SmallValue>,
}));

/** Ten arrays in arenas, when that is where new ones go. */
function makeArrays(): object[] {
  const sizes = [65, 100, 1000, 40_000, 1_500_000];
  return sizes.flatMap((size, i) => [
    new Uint8Array(size).fill(i + 1),
    i % 2 === 0 ? Buffer.alloc(size, i + 1) : new Float64Array(size >> 3).fill(i + 0.5),
  ]);
}

/** Makes a value; its getters call `called`. */
export function makeSmallValue(recipe: SmallValue, called: () => void): unknown {
  const arrays = makeArrays();
  const others: object[] = [new Uint8Array(5), new Date(5), new Map([[1, arrays[0]]])];
  const made: object[] = [];

  const define = (target: object, name: string, how: How, value: unknown) => {
    const key = how === 'symbol' ? Symbol.for(name) : how === '__proto__' ? how : name;
    const get = () => {
      called();
      return value;
    };
    Object.defineProperty(target, key, {
      enumerable: how !== 'hidden',
      configurable: how !== 'fixed',
      ...(how === 'getter' ? { get } : { value, writable: how !== 'read-only' }),
    });
  };

  const buildContainer = (part: Container): object => {
    const container: object = part.make === 'list' ? [] : {};
    made.push(container);
    if (part.make === 'list') {
      part.items.forEach((item, i) => {
        define(container, String(i), i === 0 ? part.how : 'ordinary', build(item));
      });
    } else {
      part.properties.forEach(([how, value], i) => {
        define(container, `p${i}`, how, build(value));
      });
    }
    return part.fixed ? Object.preventExtensions(container) : container;
  };

  const build = (part: SmallValue): unknown => {
    switch (part.make) {
      case 'array':
        return arrays[part.which];
      case 'part':
        return (arrays[1] as Uint8Array).subarray(1, 3);
      case 'other':
        return others[part.which];
      case 'again':
        return made[part.which % made.length];
      case 'primitive':
        return 7;
      default:
        return buildContainer(part);
    }
  };

  return build(recipe);
}
