import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { arena } from 'arena-pirate';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

let server: http.Server;
let agent: http.Agent;

/** Sends back what it is sent. */
async function echo(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body = await buffer(request);
  const answer = Buffer.alloc(body.length);
  body.copy(answer);
  await new Promise((resolve) => setImmediate(resolve));
  response.end(answer);
  // An array of an 'exit' scope may be written until it has left.
  await once(response, 'close');
}

const handlers = [
  arena.wrap(echo, { release: 'exit' }),
  arena.wrap(echo, { release: 'collected' }),
];

async function run({ random, length, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const body = fill(Buffer.alloc(length()), seed);
  const { port } = server.address() as AddressInfo;
  const request = http.request({ port, agent, method: 'POST' });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  check(holds(await buffer(response), seed), 'the server answered with other bytes');
}

/** Requests to a server whose handlers run in scopes, over connections that are kept open. */
export const requests: Job = {
  name: 'http',
  start: async () => {
    agent = new http.Agent({ keepAlive: true });
    let count = 0;
    server = http.createServer((request, response) => {
      const handle = handlers[count++ % handlers.length] as typeof echo;
      void handle(request, response);
    });
    // Otherwise a connection may be closed by the server as the client sends its next request.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  },
  run,
  stop: async () => {
    agent.destroy();
    server.close();
    await once(server, 'close');
  },
};
