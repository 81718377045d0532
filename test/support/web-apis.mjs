// Hands arrays to the web and Node APIs that read memory by themselves, and prints what came out,
// one line per API and array. What it prints must not depend on where the arrays lie.
//
//   node web-apis.mjs [collected|exit]

import assert from 'node:assert';
import { Blob } from 'node:buffer';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import v8 from 'node:v8';
import zlib from 'node:zlib';

const release = process.argv[2];
const package_ = release && (await import('arena-pirate'));
const inScope = (fn) => (release ? package_.arena(fn, { release }) : fn());

const hex = (bytes) => `${Buffer.from(bytes).toString('hex').slice(0, 60)}/${bytes.byteLength}`;
const bufferOn = (x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
const bytesOn = (x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const deflate = util.promisify(zlib.deflate);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-pirate-web-'));
const file = path.join(folder, 'file');

const APIS = {
  'Response.arrayBuffer': async (x) => hex(await new Response(x).arrayBuffer()),
  'Response.blob': async (x) => hex(await (await new Response(x).blob()).arrayBuffer()),
  'Response of parameters': () =>
    new Response(new URLSearchParams([['a', 'b'.repeat(100)]])).text(),
  Blob: async (x) => hex(await new Blob([x, x]).arrayBuffer()),
  TextDecoder: (x) => [new TextDecoder('latin1').decode(x), new TextDecoder().decode(x)],
  'TextEncoder.encodeInto': () => new TextEncoder().encodeInto('abc', new Uint8Array(100)),
  'subtle.digest': async (x) => hex(await crypto.subtle.digest('SHA-256', x)),
  'subtle.encrypt': async (x) => {
    const raw = new Uint8Array(32).fill(3);
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', true, ['encrypt']);
    const iv = new Uint8Array(96).subarray(0, 12);
    return hex(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, x));
  },
  createHash: (x) => crypto.createHash('md5').update(x).digest('hex'),
  createCipheriv: (x) => {
    const key = new Uint8Array(320).subarray(5, 37);
    const iv = new Uint8Array(160).subarray(3, 19);
    return hex(crypto.createCipheriv('aes-256-ctr', key, iv).update(x));
  },
  randomFillSync: () => crypto.randomFillSync(new Uint8Array(100)).length,
  deflateSync: (x) => hex(zlib.deflateSync(x)),
  deflate: async (x) => hex(await deflate(x)),
  inflateSync: (x) => hex(zlib.inflateSync(zlib.deflateSync(x))),
  CompressionStream: async (x) => {
    const stream = new CompressionStream('gzip');
    const writer = stream.writable.getWriter();
    writer.write(x);
    writer.close();
    return (await new Response(stream.readable).arrayBuffer()).byteLength;
  },
  'fs.promises': async (x) => {
    await fs.promises.writeFile(file, x);
    const target = new Uint8Array(500);
    const handle = await fs.promises.open(file);
    const { bytesRead, buffer } = await handle.read(target, 0, 500, 0);
    await handle.close();
    return [bytesRead, buffer === target, hex(target), hex(await fs.promises.readFile(file))];
  },
  'fs.writeSync': (x) => {
    const descriptor = fs.openSync(file, 'w');
    fs.writeSync(descriptor, x);
    fs.closeSync(descriptor);
    return hex(fs.readFileSync(file));
  },
  'ReadableStream of bytes': async (x) => {
    const start = (controller) => {
      const end = x.byteOffset + x.byteLength;
      controller.enqueue(new Uint8Array(x.buffer.slice(x.byteOffset, end)));
      controller.close();
    };
    return hex(await new Response(new ReadableStream({ type: 'bytes', start })).arrayBuffer());
  },
  'ReadableStream into a buffer': async () => {
    const pull = ({ byobRequest }) => {
      byobRequest.view[0] = 7;
      byobRequest.respond(1);
    };
    const reader = new ReadableStream({ type: 'bytes', pull }).getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(200));
    return [value.byteLength, value.byteOffset, value.buffer.byteLength, value[0]];
  },
  'v8.serialize': (x) => hex(v8.serialize(x)),
  'v8.deserialize': (x) => {
    const copy = v8.deserialize(v8.serialize({ x })).x;
    assert.deepStrictEqual(bytesOn(copy), bytesOn(x));
    return [copy.byteLength, copy.constructor.name];
  },
  structuredClone: (x) => hex(structuredClone(x)),
  'util.inspect': (x) => util.inspect(x, { showHidden: true, maxArrayLength: 3 }),
  isDeepStrictEqual: (x) => util.isDeepStrictEqual(x, x.slice()),
  'JSON.stringify': (x) => JSON.stringify(x),
  base64: (x) => {
    const text = bufferOn(x).toString('base64');
    return [text, hex(Buffer.from(text, 'base64'))];
  },
  atob: () => atob(btoa('x'.repeat(100))).length,
  'Buffer.compare': (x) => Buffer.compare(bufferOn(x), Buffer.alloc(100, 1)),
  'Buffer methods': (x) => {
    const b = bufferOn(x);
    const [slice, number] = [b.slice(3, 10).toString('hex'), b.subarray(5).readUInt32LE(3)];
    return [b.toString('latin1'), slice, number, b.indexOf('w'), b.equals(b.subarray())];
  },
};

async function answers() {
  // What arrays must not show: the memory before them is dirty.
  new Uint8Array(333).fill(0xee);
  const array = new Uint8Array(300).map((_, i) => i);
  const arrays = {
    'a Uint8Array': array,
    'a subarray': array.subarray(10, 200),
    'a Buffer': Buffer.from('héllo wörld '.repeat(30)),
    'a Float32Array': new Float32Array(100).fill(1.5),
  };
  const lines = [];
  for (const [name, call] of Object.entries(APIS)) {
    for (const [kind, x] of Object.entries(arrays)) {
      const answer = await (async () => call(x))().catch((error) => `${error}`);
      lines.push(`${name} of ${kind}: ${JSON.stringify(answer)}`);
    }
  }
  return lines;
}

try {
  for (const line of await inScope(answers)) console.log(line);
} finally {
  fs.rmSync(folder, { recursive: true });
}
if (release) console.error(`captured: ${package_.stats().thread.captured}`);
