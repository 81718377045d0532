/** A server that is measured: `node server.js VARIANT APP BYTES`, forked by {@link ServerProcess}. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as ArenaPirate from 'arena-pirate';
import { collectGarbage } from '../../examples/support/collect-garbage.js';
import type * as KeptArrays from '../support/kept-arrays.js';
import { NANOSECONDS } from '../support/units.js';
import { APPS, type AppName } from './apps/all.js';
import type { Work } from './apps/app.js';
import { liveObjects } from './live-objects.js';
import type { Order, Report, ServerVariant, WorkAlone } from './messages.js';
import { Watch } from './watch.js';

type Handler<Args extends unknown[]> = (...args: Args) => Promise<void>;

/** What a variant does to the work of requests and to their handler, and how many arrays it has from arenas. */
interface Surroundings {
  withMemory(work: Work, requests: number): Work;
  wrap<Args extends unknown[]>(handler: Handler<Args>): Handler<Args>;
  captured(): number;
}

async function main(variant: ServerVariant, app: AppName, live: number): Promise<void> {
  // Before the library of the app, as users are told.
  const { withMemory, wrap, captured } = surroundingsOf(variant);
  const { prepare, requests } = APPS[app];
  const prepared = await prepare();
  const known = liveObjects(live);
  // Tables that a library builds on first use belong to no request.
  prepared(0);
  const work = withMemory(prepared, requests);

  const handle = wrap(async (request: IncomingMessage, response: ServerResponse) => {
    response.end(work(Number(request.url?.slice(1))));
    // What 'exit' asks for: the scope has to outlive the bytes that are being sent.
    await finished(response);
  });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1', async () => {
    await collectGarbage();
    tell({ port: (server.address() as AddressInfo).port });
  });

  const handleAlone = wrap(async (request: number) => {
    work(request);
    await nextTurn();
  });
  const workAlone = async ({ milliseconds }: WorkAlone): Promise<number[]> => {
    const nanoseconds: number[] = [];
    const end = performance.now() + milliseconds;
    for (let i = 0; performance.now() < end; i++) {
      const start = performance.now();
      await handleAlone(i % requests);
      nanoseconds.push((performance.now() - start) * NANOSECONDS.perMillisecond);
    }
    return nanoseconds;
  };

  const watch = new Watch();
  let before = 0;
  process.on('message', async (order: Order) => {
    if (order === 'settle') {
      await collectGarbage();
      tell('settled');
    } else if (order === 'begin') {
      await watch.begin();
      before = captured();
      tell('begun');
    } else if (order === 'end') {
      tell({ ...(await watch.end()), captured: captured() - before });
    } else {
      await watch.begin();
      before = captured();
      const nanoseconds = await workAlone(order);
      tell({ ...(await watch.end()), captured: captured() - before, nanoseconds });
    }
  });
  process.on('disconnect', () => process.exit(known.length > 0 ? 0 : 1));
}

function surroundingsOf(variant: ServerVariant): Surroundings {
  const plain: Surroundings = {
    withMemory: (work) => work,
    wrap: (handler) => handler,
    captured: () => 0,
  };
  if (variant === 'plain' || variant === 'plain again') return plain;
  if (variant === 'floor') return { ...plain, withMemory: withKeptMemory };
  const { arena, stats } = require('arena-pirate') as typeof ArenaPirate;
  return {
    ...plain,
    wrap: (handler) => arena.wrap(handler, { release: variant }),
    captured: () => stats().process.captured,
  };
}

function withKeptMemory(work: Work, requests: number): Work {
  const { withKeptArrays } = require('../support/kept-arrays.js') as typeof KeptArrays;
  const jobs = Array.from({ length: requests }, (_, request) => () => work(request));
  return (request) => {
    const answer = withKeptArrays(jobs[request] as () => ReturnType<Work>);
    // While this one is being sent, the next request has its memory.
    return typeof answer === 'string' ? answer : Buffer.from(answer as Uint8Array);
  };
}

function tell(report: Report): void {
  process.send?.(report);
}

const [variant, app, live] = process.argv.slice(2);
void main(variant as ServerVariant, app as AppName, Number(live));
