import type { Comparison } from '../comparison.js';
import { formatBytes } from '../support/format.js';
import { quantile } from '../support/spread.js';
import { APPS, type AppName } from './apps/all.js';
import type { MeasuredServer, ServerRound } from './measure.js';
import { OURS, SERVER_VARIANTS, type ServerVariant } from './messages.js';
import type { ServerSizes } from './sizes.js';

export const SECTION = 'server';

type Kind = Pick<Comparison, 'group' | 'unit' | 'better'>;
type ByVariant = Readonly<Record<ServerVariant, readonly number[]>>;
/** Nanoseconds that each took. */
type Requests = (round: ServerRound) => readonly number[];

export const latenciesOf: Requests = ({ latencies }) => latencies;
const aloneOf: Requests = ({ alone }) => alone.nanoseconds;

const LATENCY: Kind = { group: 'latency at a fixed rate', unit: 'ns', better: 'less' };
const THROUGHPUT: Kind = { group: 'flat out', unit: 'per second', better: 'more' };
const PAUSES: Kind = { group: 'garbage collection', unit: 'ns', better: 'less' };
const COLLECTIONS: Kind = { group: 'mark-compacts', unit: 'count', better: 'less' };
const ALONE: Kind = {
  group: 'the work of requests, one after the other, without HTTP',
  unit: 'ns',
  better: 'less',
};
const RESIDENT: Kind = { group: 'resident memory', unit: 'bytes', better: 'less' };

/** All that was measured of one server. */
export function comparisonsOf(
  app: AppName,
  measured: MeasuredServer,
  { live }: ServerSizes,
): Comparison[] {
  const { name: server, about } = APPS[app];
  const setting = `${about}; ${formatBytes(live)} of live objects`;
  const row = (kind: Kind, name: string, rounds: ByVariant, remark?: string): Comparison => ({
    section: SECTION,
    ...kind,
    group: `${server}: ${kind.group}`,
    name,
    baseline: 'plain',
    ours: OURS,
    control: 'plain again',
    rounds,
    sha256: measured.sha256,
    remark: remark === undefined ? setting : `${setting}; ${remark}`,
  });
  const each = (of: (round: ServerRound) => number): ByVariant => eachRound(measured, of);
  const together = (of: (round: ServerRound) => number): ByVariant =>
    byVariant((variant) => [measured.rounds[variant].map(of).reduce((sum, n) => sum + n, 0)]);

  const repeated =
    measured.repeated === 0
      ? ''
      : `; ${measured.repeated} loads were done again, as the hypervisor had taken the cpu away for 20 ms or more`;
  const atRate = `${measured.rate} requests a second, each timed from when it was due${repeated}`;
  const ofAll = (of: Requests): string =>
    `of all rounds together, ${measured.rounds.plain.flatMap(of).length} requests of plain Node`;
  return [
    row(LATENCY, 'p50', each(quantileAt(latenciesOf, 0.5)), atRate),
    row(LATENCY, 'p99', each(quantileAt(latenciesOf, 0.99)), atRate),
    row(LATENCY, 'p99.9', pooled(measured, latenciesOf, 0.999), `${atRate}; ${ofAll(latenciesOf)}`),
    row(LATENCY, 'max', each(quantileAt(latenciesOf, 1)), atRate),
    row(
      THROUGHPUT,
      'requests',
      each(({ throughput }) => throughput),
    ),
    row(
      PAUSES,
      'at the fixed rate: time in all',
      each(({ fixedRate }) => fixedRate.gcTime),
    ),
    row(
      PAUSES,
      'at the fixed rate: longest',
      each(({ fixedRate }) => fixedRate.longestPause),
    ),
    row(PAUSES, 'flat out: time per request', each(gcTimePerRequest)),
    row(
      PAUSES,
      'flat out: longest',
      each(({ flatOut }) => flatOut.longestPause),
    ),
    row(
      COLLECTIONS,
      'at the fixed rate',
      each(({ fixedRate }) => fixedRate.markCompacts),
    ),
    row(
      COLLECTIONS,
      'flat out',
      each(({ flatOut }) => flatOut.markCompacts),
    ),
    row(
      RESIDENT,
      'at the fixed rate',
      each(({ fixedRate }) => fixedRate.resident),
    ),
    row(
      RESIDENT,
      'flat out',
      each(({ flatOut }) => flatOut.resident),
    ),
    row(RESIDENT, 'most that the process ever had', peak(measured)),
    row(ALONE, 'p50', each(quantileAt(aloneOf, 0.5))),
    row(ALONE, 'p99', each(quantileAt(aloneOf, 0.99))),
    row(ALONE, 'p99.9', pooled(measured, aloneOf, 0.999), ofAll(aloneOf)),
    row(
      ALONE,
      'GC time per request',
      each(({ alone }) => alone.gcTime / alone.nanoseconds.length),
    ),
    row(
      { ...COLLECTIONS, group: 'mark-compacts without HTTP' },
      'in all rounds',
      together(({ alone }) => alone.markCompacts),
      'all rounds together',
    ),
  ];
}

/** One value per round and variant. */
function eachRound({ rounds }: MeasuredServer, of: (round: ServerRound) => number): ByVariant {
  return byVariant((variant) => rounds[variant].map(of));
}

/** A quantile for which a single round has too few requests. */
export function quantileOfAll(
  rounds: readonly ServerRound[],
  of: Requests,
  fraction: number,
): number {
  return quantileOf(rounds.flatMap(of), fraction);
}

function pooled({ rounds }: MeasuredServer, of: Requests, fraction: number): ByVariant {
  return byVariant((variant) => [quantileOfAll(rounds[variant], of, fraction)]);
}

function peak({ rounds }: MeasuredServer): ByVariant {
  return byVariant((variant) => [Math.max(...rounds[variant].map(({ flatOut }) => flatOut.peak))]);
}

function quantileAt(of: Requests, fraction: number): (round: ServerRound) => number {
  return (round) => quantileOf(of(round), fraction);
}

function quantileOf(values: readonly number[], fraction: number): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    fraction,
  );
}

function gcTimePerRequest({ flatOut, answered }: ServerRound): number {
  return flatOut.gcTime / answered;
}

function byVariant(of: (variant: ServerVariant) => readonly number[]): ByVariant {
  return Object.fromEntries(SERVER_VARIANTS.map((variant) => [variant, of(variant)])) as Record<
    ServerVariant,
    readonly number[]
  >;
}
