import { type Target, target } from '../section.js';
import { digits } from '../support/format.js';
import { pairedRatios, type Spread, spreadOfRatios } from '../support/spread.js';
import { APPS, type AppName } from './apps/all.js';
import { latenciesOf, quantileOfAll } from './comparisons.js';
import type { MeasuredServer, ServerRound } from './measure.js';
import { OURS } from './messages.js';

type Rounds = readonly ServerRound[];

/** What is promised of a server. */
interface Promised {
  readonly claim: (plain: Rounds) => string;
  readonly figure: (ours: Rounds, plain: Rounds) => Spread;
  readonly bound: Target['bound'];
  readonly limit: (plain: Rounds) => number;
  readonly unit: Target['unit'];
}

const MOST_MARK_COMPACTS = 0.2;

const markCompacts = totalOf(({ fixedRate }) => fixedRate.markCompacts);
const gcTime = totalOf(({ fixedRate }) => fixedRate.gcTime);

const PROMISES: readonly Promised[] = [
  {
    // Where plain Node has none, a fraction of it would say nothing.
    claim: (plain) =>
      `mark-compacts at the fixed rate, ${MOST_MARK_COMPACTS}× those of plain Node: ${markCompacts(plain)}`,
    figure: ofAllRounds((ours) => markCompacts(ours)),
    bound: 'at most',
    limit: (plain) => MOST_MARK_COMPACTS * markCompacts(plain),
    unit: 'in all',
  },
  ofPlain(
    'GC time at the fixed rate',
    ofAllRounds((ours, plain) => gcTime(ours) / Math.max(1, gcTime(plain))),
    'at most',
    0.5,
  ),
  ofPlain(
    'p99.9 at the fixed rate',
    ofAllRounds((ours, plain) => slowestOf(ours) / slowestOf(plain)),
    'at most',
    0.8,
  ),
  ofPlain(
    'requests a second flat out',
    eachRound(({ throughput }) => throughput),
    'at least',
    1.05,
  ),
  ofPlain(
    'resident memory at the fixed rate',
    eachRound(({ fixedRate }) => fixedRate.resident),
    'at most',
    1.15,
  ),
];

/**
 * What is promised of a server, all in the same mode: in the one that keeps more of it, as whoever runs a server
 * chooses one; what the other reaches is told.
 */
export function targetsOf(app: AppName, { rounds }: MeasuredServer): Target[] {
  const { plain } = rounds;
  const [{ mode, targets }, other] = OURS.map(
    (variant): ByMode => ({
      mode: variant,
      targets: PROMISES.map((promised) => {
        const figure = promised.figure(rounds[variant], plain);
        const floor = promised.figure(rounds.floor, plain).median;
        const { bound, unit } = promised;
        // Of counts, no more of them are wanted than a share of plain Node's: how those differ says little of that.
        const control =
          unit === '×' ? promised.figure(rounds['plain again'], plain).median : undefined;
        return target(promised.claim(plain), figure, bound, promised.limit(plain), unit, {
          floor,
          control,
        });
      }),
    }),
  ).sort((a, b) => keptOf(b.targets) - keptOf(a.targets)) as [ByMode, ByMode];
  return targets.map((one, i) => {
    const { measured, unit } = other.targets[i] as Target;
    const said = `'${other.mode}': ${digits(measured)}${unit === '×' ? '×' : ` ${unit}`}`;
    return {
      ...one,
      claim: `'${mode}' against plain Node, ${APPS[app].name}, ${one.claim} (${said})`,
    };
  });
}

interface ByMode {
  readonly mode: string;
  readonly targets: readonly Target[];
}

function keptOf(targets: readonly Target[]): number {
  return targets.filter(({ met }) => met).length;
}

function ofPlain(
  claim: string,
  figure: Promised['figure'],
  bound: Target['bound'],
  limit: number,
): Promised {
  return { claim: () => claim, figure, bound, limit: () => limit, unit: '×' };
}

/** What is compared round by round. */
function eachRound(of: (round: ServerRound) => number): Promised['figure'] {
  return (ours, plain) => spreadOfRatios(pairedRatios(ours.map(of), plain.map(of)));
}

/** A figure for which a single round has too little: its spread is what it comes to without one of them. */
function ofAllRounds(of: (ours: Rounds, plain: Rounds) => number): Promised['figure'] {
  return (ours, plain) => {
    const median = of(ours, plain);
    const others =
      ours.length < 2 ? [] : ours.map((_, i) => of(without(ours, i), without(plain, i)));
    return { low: Math.min(median, ...others), median, high: Math.max(median, ...others) };
  };
}

function without(rounds: Rounds, index: number): Rounds {
  return rounds.filter((_, i) => i !== index);
}

function totalOf(of: (round: ServerRound) => number): (rounds: Rounds) => number {
  return (rounds) => rounds.reduce((sum, round) => sum + of(round), 0);
}

function slowestOf(rounds: Rounds): number {
  return quantileOfAll(rounds, latenciesOf, 0.999);
}
