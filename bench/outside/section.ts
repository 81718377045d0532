import { type Comparison, percentMore } from '../comparison.js';
import { secondLook } from '../second-look.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { ALLOCATIONS, OPERATIONS } from './operations.js';
import { compareSides, type Sides } from './sides.js';

const HELD = 'without, memory held';

const WITHOUT = { without: [] };
const PAIR: Sides = { ...WITHOUT, with: ['--require', require.resolve('./use-arenas.js')] };
const ALLOCATING: Sides = { ...PAIR, [HELD]: ['--require', require.resolve('./hold-memory.js')] };
// The package is in neither.
const ALIKE: Sides = { ...WITHOUT, with: [] };

const CONTROL = 'new Float64Array, 1 KB' satisfies keyof typeof ALLOCATIONS;
const MOST_PERCENT = 2;

export const outside: Section = {
  name: 'outside',
  about: 'ordinary code outside all scopes, with and without the package',

  steps(settings) {
    return [CONTROL, ...Object.keys(OPERATIONS)].reduce(
      (sum, operation) => sum + setsFor(operation, settings),
      0,
    );
  },

  async run(settings, step): Promise<SectionResult> {
    const comparisons: Comparison[] = [];
    const compare = async (name: string, operation: string, sides: Sides) => {
      const sets = setsFor(operation, settings);
      const look = async (onSet: () => void) =>
        comparisonOf(name, await compareSides(operation, sides, sets, settings, onSet), sides);
      const first = await look(() => step(name));
      const isShort = sides === ALLOCATING && !targetOf(first).met;
      comparisons.push(isShort ? secondLook(first, await look(() => {})) : first);
    };
    await compare(`control: ${CONTROL}`, CONTROL, ALIKE);
    for (const operation of Object.keys(OPERATIONS)) {
      await compare(operation, operation, operation in ALLOCATIONS ? ALLOCATING : PAIR);
    }
    const allocating = comparisons.filter(({ name }) => name in ALLOCATIONS);
    return { comparisons, targets: allocating.map(targetOf) };
  },
};

const REMARKS: ReadonlyMap<Sides, string> = new Map([
  [ALIKE, 'the package is loaded in neither: what differs is noise'],
  [
    ALLOCATING,
    `'${HELD}' has two ArrayBuffers of 2 MB in use and as many MB of objects as the package has: malloc then gives more of ` +
      "what is freed back to the kernel, and V8's young generation grows",
  ],
]);

function setsFor(operation: string, { pairs, allocatingPairs }: Settings): number {
  return operation in ALLOCATIONS ? allocatingPairs : pairs;
}

function comparisonOf(name: string, rounds: Comparison['rounds'], sides: Sides): Comparison {
  const remark = REMARKS.get(sides);
  return {
    section: outside.name,
    group:
      'Outside all scopes: processes that have loaded the package and used it before, and others',
    name,
    unit: 'ns',
    better: 'less',
    baseline: 'without',
    ours: sides === ALIKE ? [] : ['with'],
    rounds,
    ...(remark === undefined ? {} : { remark }),
  };
}

function targetOf(comparison: Comparison): Target {
  return target(
    `${comparison.name}, outside scopes: cost of the package`,
    percentMore(comparison, 'with'),
    'at most',
    MOST_PERCENT,
    '%',
    { control: percentMore(comparison, HELD).median },
  );
}
