import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type * as Undici from 'undici';
import { fetchUses } from './fetch.js';
import { code, longText } from './inputs.js';
import { contentOf, failureOf, type Library, pieces, type Use } from './library.js';
import { localServer, origin } from './server.js';

type Module = typeof Undici;

/** Sends messages through a WebSocket and returns the answers. */
async function exchange(
  { WebSocket }: Module,
  messages: readonly (string | Uint8Array)[],
): Promise<unknown[]> {
  const socket = new WebSocket(`${origin().replace('http', 'ws')}/socket`);
  socket.binaryType = 'arraybuffer';
  const next = (event: 'open' | 'message' | 'close') =>
    new Promise<{ data?: unknown }>((resolve) => {
      socket.addEventListener(event, resolve as never, { once: true });
    });
  await next('open');
  const answers: unknown[] = [];
  for (const message of messages) {
    const answer = next('message');
    socket.send(message as string);
    answers.push((await answer).data);
  }
  const closed = next('close');
  socket.close();
  await closed;
  return answers;
}

const sendOnce = (lib: Module) => exchange(lib, ['x'.repeat(200)]);

export const undici: Library<Module> = {
  name: 'undici',
  load: () => require('undici') as Module,
  around: localServer,
  uses: {
    ...(fetchUses as unknown as Readonly<Record<string, Use<Module>>>),
    requests: async ({ request }) => {
      const get = await request(`${origin()}/code`);
      const text = await request(`${origin()}/pieces`);
      const post = await request(`${origin()}/echo`, {
        method: 'POST',
        body: Readable.from(pieces(longText, 7000)),
      });
      return [
        get.statusCode,
        new Uint8Array(await get.body.arrayBuffer()),
        await text.body.text(),
        await contentOf(post.body),
      ];
    },
    streams: async (lib) => {
      const chunks: Uint8Array[] = [];
      await lib.stream(
        `${origin()}/text`,
        { method: 'GET' },
        () => new Writable({ write: (chunk, _, done) => done(void chunks.push(chunk)) }),
      );
      const target = new PassThrough();
      const echoed = contentOf(target);
      await pipeline(
        Readable.from(pieces(code, 5000)),
        lib.pipeline(`${origin()}/echo`, { method: 'POST' }, ({ body }) => body),
        target,
      );
      return [Buffer.concat(chunks), await echoed];
    },
    'keeps a pool of connections': async ({ Pool }) => {
      const pool = new Pool(origin(), { connections: 3, pipelining: 4 });
      try {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, i) =>
            pool.request({
              path: '/echo',
              method: 'POST',
              body: Buffer.from(code.subarray(i, 3000 * i)),
            }),
          ),
        );
        return await Promise.all(
          answers.map(async ({ body }) => new Uint8Array(await body.arrayBuffer())),
        );
      } finally {
        await pool.close();
      }
    },
    'talks through a WebSocket': (lib) =>
      exchange(lib, ['short', 'ünïcödé '.repeat(100), Uint8Array.from(code.subarray(0, 30_000))]),
    'goes on after a body that is not read': async ({ request, Client }) => {
      const client = new Client(origin());
      const { body } = await client.request({ path: '/text', method: 'GET' });
      body.on('error', () => undefined).destroy();
      const failure = await failureOf(() =>
        client.request({ path: '/broken', method: 'GET' }).then((r) => r.body.text()),
      );
      await client.close();
      return [failure, await (await request(`${origin()}/text`)).body.text()];
    },
  },
  kept: {
    'the random numbers of WebSockets': { sign: 'generateMask', keep: sendOnce, warmUp: sendOnce },
  },
};
