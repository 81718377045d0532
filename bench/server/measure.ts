import { Digest } from '../../examples/support/digest.js';
import { NothingCapturedError } from '../../examples/support/failures.js';
import { inTurn } from '../support/in-turn.js';
import { roundsWithin } from '../support/rounds-within.js';
import { stolenMilliseconds } from '../support/stolen.js';
import { APPS, type AppName } from './apps/all.js';
import { askAll, Clients, type Expectation } from './load.js';
import {
  type Observed,
  OURS,
  SERVER_VARIANTS,
  type ServerVariant,
  type WorkedAlone,
} from './messages.js';
import { ServerProcess } from './server-process.js';
import type { ServerSizes } from './sizes.js';

export interface ServerTask {
  readonly app: AppName;
  readonly sizes: ServerSizes;
}

/** One round of one variant. */
export interface ServerRound {
  /** Nanoseconds of each request at the fixed rate, from when it was due. */
  readonly latencies: readonly number[];
  readonly fixedRate: Observed;
  /** Requests per second, flat out. */
  readonly throughput: number;
  /** Requests in all, flat out. */
  readonly answered: number;
  readonly flatOut: Observed;
  readonly alone: WorkedAlone;
}

export interface MeasuredServer {
  /** Requests per second, the same for all variants. */
  readonly rate: number;
  /** Of the answers, which are the same in all variants. */
  readonly sha256: string;
  readonly rounds: Readonly<Record<ServerVariant, ServerRound[]>>;
  /** How many loads were done again. */
  readonly repeated: number;
}

/** Of what plain Node manages flat out. */
const FIXED_RATE = 0.55;

const MOST_STOLEN_MILLISECONDS = 20;

interface Running {
  readonly variant: ServerVariant;
  readonly server: ServerProcess;
  readonly clients: Clients;
}

export async function measure({ app, sizes }: ServerTask): Promise<MeasuredServer> {
  const end = performance.now() + (sizes.milliseconds ?? Number.POSITIVE_INFINITY);
  const started = await Promise.all(
    SERVER_VARIANTS.map(async (variant) => ({
      variant,
      ...(await ServerProcess.start(variant, app, sizes.live)),
    })),
  );
  const paths = Array.from({ length: APPS[app].requests }, (_, i) => `/${i}`);
  const [{ origin: plain }] = started as [(typeof started)[number]];
  const expectations = await askAll(plain, paths);
  const all = started.map(({ variant, server, origin }) => ({
    variant,
    server,
    clients: new Clients(origin, expectations),
  }));
  try {
    const rate = await warmUp(all, sizes);
    const patience = new Patience(sizes.mostRepeated, end);
    const rounds = await runRounds(all, rate, { app, sizes }, patience, end);
    return { rate, sha256: digestOf(expectations), rounds, repeated: patience.repeated };
  } finally {
    for (const { server, clients } of all) {
      await clients.close();
      server.stop();
    }
  }
}

/** @returns the fixed rate */
async function warmUp(all: readonly Running[], { warmUpSeconds }: ServerSizes): Promise<number> {
  for (const { clients } of all) await clients.flatOut(warmUpSeconds);
  const throughputs: number[] = [];
  for (const { clients } of all) {
    const { throughput } = await clients.flatOut(warmUpSeconds);
    throughputs.push(throughput);
  }
  for (const { server, clients } of all) {
    await server.settle();
    // V8 has dropped code with the garbage.
    await clients.flatOut(warmUpSeconds / 2);
  }
  const [plain] = throughputs as [number];
  return Math.max(1, Math.round(FIXED_RATE * plain));
}

/**
 * Does a load again where the hypervisor took the cpu away for longer than requests take: the tail
 * of a few hundred latencies would tell of nothing else.
 */
class Patience {
  repeated = 0;

  /** @param end - of the time for it */
  constructor(
    readonly mostRepeated: number,
    readonly end: number,
  ) {}

  async undisturbed<T>(load: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = stolenMilliseconds();
      const result = await load();
      const stolen = stolenMilliseconds() - before;
      const isOver = this.repeated === this.mostRepeated || performance.now() > this.end;
      if (stolen < MOST_STOLEN_MILLISECONDS || isOver) return result;
      this.repeated++;
    }
  }
}

async function runRounds(
  all: readonly Running[],
  rate: number,
  { app, sizes }: ServerTask,
  patience: Patience,
  end: number,
): Promise<MeasuredServer['rounds']> {
  const rounds: MeasuredServer['rounds'] = {
    plain: [],
    collected: [],
    exit: [],
    floor: [],
    'plain again': [],
  };
  for (const round of roundsWithin(sizes.rounds, end - performance.now())) {
    for (const { variant, server, clients } of inTurn(all, round)) {
      const fixed = await patience.undisturbed(() =>
        server.observe(() => clients.atRate(rate, sizes.fixedRateSeconds)),
      );
      const flat = await server.observe(() => clients.flatOut(sizes.flatOutSeconds));
      const alone = await server.workAlone(1000 * sizes.aloneSeconds);
      const captured = [fixed.observed, flat.observed, alone].map((observed) => observed.captured);
      const ours = OURS.find((served) => served === variant);
      if (ours !== undefined && Math.min(...captured) === 0) {
        throw new NothingCapturedError(app, ours);
      }
      rounds[variant].push({
        latencies: fixed.result,
        fixedRate: fixed.observed,
        ...flat.result,
        flatOut: flat.observed,
        alone,
      });
    }
  }
  return rounds;
}

function digestOf(expectations: readonly Expectation[]): string {
  const digest = new Digest();
  digest.add(expectations.map(({ body }) => body));
  return digest.hex();
}
