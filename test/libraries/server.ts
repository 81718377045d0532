import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { code, countries, longText } from './inputs.js';
import { contentOf, pieces } from './library.js';

const packedText = gzipSync(longText);

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const handlers: Readonly<Record<string, Handler>> = {
  '/text': (_, response) => void response.end(longText),
  '/code': (_, response) => void response.end(code),
  '/packed': (_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(packedText);
  },
  '/json': (_, response) => void response.end(JSON.stringify(countries)),
  '/moved': (_, response) => void response.writeHead(302, { location: '/text' }).end(),
  '/missing': (_, response) => void response.writeHead(404).end('nothing here'),
  async '/pieces'(_, response) {
    for (const piece of pieces(longText, 6000)) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  },
  '/broken': (_, response) => {
    response.setHeader('content-length', longText.length);
    response.write(longText.subarray(0, 5000), () => response.destroy());
  },
  '/silent': (_, response) => response.flushHeaders(),
  async '/echo'(request, response) {
    const body = await contentOf(request);
    response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain');
    response.end(body);
  },
};

const CLOSING = 0x88;
const UUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Sends back what comes through a WebSocket, which must be messages of less than 64 KiB. */
function echoMessages(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'];
  const accept = createHash('sha1').update(`${key}${UUID}`).digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const short = (received[1] ?? 0) & 0x7f;
      const head = short === 126 ? 8 : 6;
      if (received.length < head) return;
      const length = short === 126 ? received.readUInt16BE(2) : short;
      if (received.length < head + length) return;
      const mask = received.subarray(head - 4, head);
      const message = received
        .subarray(head, head + length)
        .map((byte, i) => byte ^ (mask[i % 4] as number));
      const opening = Buffer.from(received.subarray(0, head - 4));
      opening[1] = short;
      socket.write(Buffer.concat([opening, message]));
      if ((opening[0] as number) === CLOSING) socket.end();
      received = received.subarray(head + length);
    }
  });
  socket.on('error', () => socket.destroy());
}

const server = createServer((request, response) => {
  void (handlers[request.url as string] as Handler)(request, response);
}).on('upgrade', echoMessages);

/** Where the server is, such as `http://127.0.0.1:4567`. */
export function origin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server on this machine, which runs outside all scopes. */
export const localServer = {
  async start(): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  },
  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await stopped;
  },
};
