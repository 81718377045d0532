import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerPasses, type PassWork } from '../support/passes.js';

const AWAITS = 200;
const CLIENTS = 4;

/** Something like a row of a database, from a cache that is asynchronous. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
}

const ROWS: readonly Row[] = Array.from({ length: AWAITS }, (_, id) => ({
  id,
  name: `row ${id}`,
  tags: [`tag ${id % 7}`, `tag ${id % 11}`],
}));

async function lookUp(id: number): Promise<Row> {
  return ROWS[id % ROWS.length] as Row;
}

/** What one request is answered with: awaits, and a few objects as JSON. */
async function answerTo(path: string): Promise<string> {
  const start = Number(path.slice(1));
  let sum = 0;
  const found: Row[] = [];
  for (let i = 0; i < AWAITS; i++) {
    const row = await lookUp(start + i);
    sum += row.id * row.tags.length;
    if (i % 50 === 0) found.push(row);
  }
  return JSON.stringify({ start, sum, found });
}

/** A server of node:http and clients that keep their connections, in one process. */
async function prepare(requests: number): Promise<PassWork> {
  const server = createServer(async (request, response) => {
    response.end(await answerTo(request.url ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  // The parent ends this process by closing its channel.
  process.once('disconnect', () => {
    agent.destroy();
    server.close();
  });

  const ask = async (path: string): Promise<string> => {
    const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    let body = '';
    for await (const chunk of response) body += chunk;
    if (!body.startsWith(`{"start":${path.slice(1)},`)) throw new Error(`wrong answer to ${path}`);
    return body;
  };
  const client = async (first: number): Promise<string[]> => {
    const bodies: string[] = [];
    for (let i = first; i < requests; i += CLIENTS) bodies.push(await ask(`/${i}`));
    return bodies;
  };
  const all = () => Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));

  return {
    async pass() {
      await all();
    },
    async digest() {
      return createHash('sha256')
        .update(JSON.stringify(await all()))
        .digest('hex');
    },
  };
}

answerPasses(prepare(Number(process.argv[2])));
