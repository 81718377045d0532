import type { Comparison } from '../comparison.js';
import { formatBytes } from '../support/format.js';
import { quantile } from '../support/spread.js';
import { APPS, type AppName } from './apps/all.js';
import type { MeasuredServer, ServerRound } from './measure.js';
import { SERVER_VARIANTS, type ServerVariant } from './messages.js';
import type { ServerSizes } from './sizes.js';

export const SECTION = 'server';

type Kind = Pick<Comparison, 'group' | 'unit' | 'better'>;
type ByVariant = Readonly<Record<ServerVariant, readonly number[]>>;

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
    ours: ['collected', 'exit'],
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
  const aloneRequests = measured.rounds.plain.flatMap(({ alone }) => alone.nanoseconds).length;
  const pooledAloneRemark = `all rounds together, ${aloneRequests} requests of plain Node`;
  const pooled = `one figure of all rounds together, ${latencies(measured, 'plain').length} requests`;
  return [
    row(LATENCY, 'p50', each(latencyAt(0.5)), atRate),
    row(LATENCY, 'p99', each(latencyAt(0.99)), atRate),
    row(LATENCY, 'p99.9', pooledLatency(measured, 0.999), `${atRate}; ${pooled}`),
    row(LATENCY, 'max', each(latencyAt(1)), atRate),
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
    row(
      ALONE,
      'p50',
      each(({ alone }) => quantileOf(alone.nanoseconds, 0.5)),
    ),
    row(
      ALONE,
      'p99',
      each(({ alone }) => quantileOf(alone.nanoseconds, 0.99)),
    ),
    row(ALONE, 'p99.9', pooledAlone(measured, 0.999), pooledAloneRemark),
    row(
      ALONE,
      'GC time per request',
      each(({ alone }) => alone.gcTime / alone.nanoseconds.length),
    ),
    row(
      { ...COLLECTIONS, group: 'mark-compacts without HTTP' },
      'in all rounds',
      together(({ alone }) => alone.markCompacts),
      pooledAloneRemark,
    ),
  ];
}

/** One value per round and variant. */
export function eachRound(
  { rounds }: MeasuredServer,
  of: (round: ServerRound) => number,
): ByVariant {
  return byVariant((variant) => rounds[variant].map(of));
}

/** One value per variant, of the requests of all rounds: a single one has too few. */
export function pooledLatency(measured: MeasuredServer, fraction: number): ByVariant {
  return byVariant((variant) => [quantileOf(latencies(measured, variant), fraction)]);
}

/** The same of the work without HTTP. */
function pooledAlone({ rounds }: MeasuredServer, fraction: number): ByVariant {
  return byVariant((variant) => [
    quantileOf(
      rounds[variant].flatMap(({ alone }) => alone.nanoseconds),
      fraction,
    ),
  ]);
}

function peak({ rounds }: MeasuredServer): ByVariant {
  return byVariant((variant) => [Math.max(...rounds[variant].map(({ flatOut }) => flatOut.peak))]);
}

function latencyAt(fraction: number): (round: ServerRound) => number {
  return (round) => quantileOf(round.latencies, fraction);
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

function latencies({ rounds }: MeasuredServer, variant: ServerVariant): number[] {
  return rounds[variant].flatMap((round) => round.latencies);
}

function byVariant(of: (variant: ServerVariant) => readonly number[]): ByVariant {
  return Object.fromEntries(SERVER_VARIANTS.map((variant) => [variant, of(variant)])) as Record<
    ServerVariant,
    readonly number[]
  >;
}
