import { AskedProcess } from '../support/asked-process.js';
import { inTurn } from '../support/in-turn.js';
import type { AllocationTask, Answer, Request } from './answers.js';
import { type ConstructionName, hasWalkedFloor } from './constructions.js';
import type { Shape } from './shape.js';
import { BESIDE, isRelease, STAND_IN, type Variant, WALKED } from './variant.js';
import type { Workload } from './workloads.js';

const WITHOUT = require.resolve('./child-without.js');
const WITH = require.resolve('./child-with.js');

const STAND_INS = ['--require', require.resolve('./stand-ins.js')];

/** One construction, size and workload: nanoseconds for one array of each variant, round by round. */
export interface Measured extends Shape {
  readonly construction: ConstructionName;
  readonly workload: Workload;
  readonly rounds: Rounds;
  /** Those that missed a target, where it has been measured again. */
  readonly missed?: Rounds;
}

type Rounds = Readonly<Partial<Record<Variant, readonly number[]>>>;

/** How often all variants run, in turn. */
export interface HowOften {
  readonly rounds: number;
  /** Before they are measured. */
  readonly rehearsals: number;
  /** How many rounds others have been measured before: the order goes on from there. */
  readonly earlier: number;
}

/** Has all workloads done in turn by processes of which one has loaded the package. Not every workload has a walked floor. */
export async function measure(
  task: AllocationTask,
  workloads: readonly Workload[],
  howOften: HowOften,
): Promise<Measured[]> {
  const { construction, shape, variants } = task;
  const variantsOf = workloads.map((workload) =>
    variants.filter((variant) => variant !== WALKED || hasWalkedFloor(construction, workload)),
  );
  const what = `${construction} of ${shape.bytes} bytes`;
  const start = (script: string, name: string, nodeOptions: readonly string[] = []) =>
    new AskedProcess<Request, Answer>(script, [JSON.stringify(task)], name, { nodeOptions });
  const without = start(WITHOUT, what);
  const withPackage = start(WITH, `${what} in arenas`);
  const alone = new Map(
    BESIDE.filter((variant) => variantsOf.some((some) => some.includes(variant))).map(
      (variant): [Variant, AskedProcess<Request, Answer>] => [
        variant,
        start(WITHOUT, `${what}, ${variant}`, variant === STAND_IN ? STAND_INS : []),
      ],
    ),
  );
  const processOf = (variant: Variant) =>
    isRelease(variant) ? withPackage : (alone.get(variant) ?? without);
  try {
    const results: Measured[] = [];
    for (const [i, workload] of workloads.entries()) {
      const measured = await measureInTurn(
        variantsOf[i] as Variant[],
        (variant) => processOf(variant).ask({ variant, workload }),
        howOften,
      );
      results.push({ ...shape, construction, workload, rounds: measured });
    }
    return results;
  } finally {
    // What the next processes measure must not be disturbed by the end of these.
    await Promise.all([without, withPackage, ...alone.values()].map((child) => child.stop()));
  }
}

async function measureInTurn(
  variants: readonly Variant[],
  ask: (variant: Variant) => Promise<Answer>,
  { rounds, rehearsals, earlier }: HowOften,
): Promise<Rounds> {
  const measured = Object.fromEntries(variants.map((variant) => [variant, [] as number[]]));
  let expected: number | undefined;
  for (let round = -rehearsals; round < rounds; round++) {
    for (const variant of inTurn(variants, earlier + Math.max(round, 0))) {
      const { nanosecondsPerArray, sum } = await ask(variant);
      expected ??= sum;
      if (sum !== expected) throw new Error(`'${variant}' gave ${sum}, not ${expected}`);
      if (round >= 0) measured[variant]?.push(nanosecondsPerArray);
    }
  }
  return measured;
}
