// Hands arrays to the web and Node APIs that read memory by themselves, and prints what came out,
// one line per API and array. What it prints must not depend on where the arrays lie.
//
//   node web-apis.mjs [collected|exit [after]]
//
// With `after`, arrays of a scope are handed to the APIs when it has ended.

import assert from 'node:assert';
import { Blob, transcode } from 'node:buffer';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import tls from 'node:tls';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';

const [release, when] = process.argv.slice(2);
const after = when === 'after';
const package_ = release && (await import('arena-pirate'));
const inScope = (fn) => (release ? package_.arena(fn, { release }) : fn());

const hex = (bytes) => `${Buffer.from(bytes).toString('hex').slice(0, 60)}/${bytes.byteLength}`;
const bufferOn = (x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
const bytesOn = (x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const deflate = util.promisify(zlib.deflate);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-pirate-web-'));
const file = path.join(folder, 'file');

const bytesOf = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

// What a method throws or returns, as text.
const attempt = (fn) => {
  try {
    return util.inspect(fn());
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`;
  }
};

// Listens, lets `talk` talk to the server, and closes it.
async function served(server, talk) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await talk(server.address().port);
  } finally {
    server.close();
  }
}

const psk = {
  ciphers: 'PSK',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  checkServerIdentity() {},
};
const secret = crypto.createHash('sha256').update('psk').digest();

// A module that exports a memory, a table and an addition, which says nothing of its size.
const WASM = Buffer.from(
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b' +
    // A custom section of 402 bytes, so that arenas take it.
    `0092030178${'00'.repeat(400)}`,
  'hex',
);

const APIS = {
  'Response.arrayBuffer': async (x) => hex(await new Response(x).arrayBuffer()),
  'Response.blob': async (x) => hex(await (await new Response(x).blob()).arrayBuffer()),
  'Response of parameters': () =>
    new Response(new URLSearchParams([['a', 'b'.repeat(100)]])).text(),
  'Request.arrayBuffer': async (x) => {
    const request = new Request('http://x/', { method: 'POST', body: x });
    return hex(await request.arrayBuffer());
  },
  'Response.clone': async (x) => {
    const response = new Response(x);
    const clone = response.clone();
    return [hex(await response.arrayBuffer()), hex(await clone.arrayBuffer())];
  },
  'Response.text and json': async (x) => {
    const text = await new Response(x).text();
    const json = await new Response(Buffer.from(JSON.stringify([...bytesOn(x)]))).json();
    return [text, json.length];
  },
  FormData: async (x) => {
    const form = new FormData();
    form.append('file', new Blob([x]), 'name');
    const back = await new Response(form).formData();
    return hex(await back.get('file').arrayBuffer());
  },
  File: async (x) => {
    const made = new File([x, new Uint8Array(90)], 'name');
    return [made.size, hex(await made.slice(2, 120).arrayBuffer()), (await made.text()).length];
  },
  'Blob.stream': async (x) => hex(await bytesOf(new Blob([x]).stream())),
  'ReadableStream.tee': async (x) => {
    const start = (controller) => {
      controller.enqueue(bytesOn(x).slice());
      controller.close();
    };
    const [one, two] = new ReadableStream({ type: 'bytes', start }).tee();
    return [hex(await bytesOf(one)), hex(await bytesOf(two))];
  },
  'ReadableStream with a source of its own buffers': async (x) => {
    let left = 3;
    const pull = (controller) => {
      const { view } = controller.byobRequest;
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      bytes.set(bytesOn(x).subarray(0, 50));
      controller.byobRequest.respond(50);
      if (--left === 0) controller.close();
    };
    const stream = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 100, pull });
    return hex(await bytesOf(stream));
  },
  TransformStream: async (x) => {
    const twice = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        controller.enqueue(chunk.slice());
      },
    });
    return hex(await bytesOf(ReadableStream.from([bytesOn(x)]).pipeThrough(twice)));
  },
  TextDecoderStream: async (x) => {
    const parts = ReadableStream.from([bytesOn(x).subarray(0, 70), bytesOn(x).subarray(70)]);
    return bytesOf(parts.pipeThrough(new TextDecoderStream())).then(String);
  },
  DecompressionStream: async (x) => {
    const packed = zlib.gzipSync(x);
    const stream = new Response(packed).body.pipeThrough(new DecompressionStream('gzip'));
    return hex(await bytesOf(stream));
  },
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
  'subtle.sign': async (x) => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const raw = new Uint8Array(100).fill(5);
    const key = await crypto.subtle.importKey('raw', raw, algorithm, true, ['sign', 'verify']);
    const signature = await crypto.subtle.sign(algorithm, key, x);
    const verified = await crypto.subtle.verify(algorithm, key, new Uint8Array(signature), x);
    return [hex(signature), verified, hex(await crypto.subtle.exportKey('raw', key))];
  },
  'subtle.deriveBits': async (x) => {
    const key = await crypto.subtle.importKey('raw', x, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(80), iterations: 10 };
    return hex(await crypto.subtle.deriveBits(algorithm, key, 512));
  },
  'createHmac and createSecretKey': (x) => {
    const key = crypto.createSecretKey(bytesOn(x));
    return [
      crypto.createHmac('sha256', x).update(x).digest('hex'),
      crypto.createHmac('sha256', key).update(x).digest().length,
      hex(key.export()),
    ];
  },
  'crypto.scrypt and pbkdf2': async (x) => [
    hex(await util.promisify(crypto.scrypt)(x, x, 100, { N: 16 })),
    hex(crypto.scryptSync(x, x, 100, { N: 16 })),
    hex(await util.promisify(crypto.pbkdf2)(x, x, 5, 100, 'sha1')),
    hex(crypto.hkdfSync('sha256', x, x, x, 100)),
  ],
  'crypto.sign': async (x) => {
    const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519');
    const signature = await util.promisify(crypto.sign)(null, x, privateKey);
    return [signature.length, crypto.verify(null, x, publicKey, signature)];
  },
  'crypto.timingSafeEqual': (x) => [
    crypto.timingSafeEqual(x, x.slice()),
    attempt(() => crypto.timingSafeEqual(x, new Uint8Array(99))),
  ],
  'crypto.randomFill': async (x) => {
    const target = new Uint8Array(500);
    const filled = await util.promisify(crypto.randomFill)(target, 100, 300);
    const untouched = [target.subarray(0, 100), target.subarray(400)];
    return [filled === target, untouched.every((part) => part.every((byte) => byte === 0)), hex(x)];
  },
  'a cipher and back': (x) => {
    const [key, iv] = [new Uint8Array(32).fill(1), new Uint8Array(16)];
    const cipher = crypto.createCipheriv('aes-256-cbc', key, iv);
    const packed = Buffer.concat([cipher.update(x), cipher.final()]);
    const decipher = crypto.createDecipheriv('aes-256-cbc', key, iv);
    return hex(Buffer.concat([decipher.update(packed), decipher.final()]));
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
  'brotli, raw and a dictionary': async (x) => [
    hex(zlib.brotliDecompressSync(zlib.brotliCompressSync(x))),
    hex(await util.promisify(zlib.brotliCompress)(x)),
    hex(zlib.inflateRawSync(zlib.deflateRawSync(x))),
    hex(zlib.inflateSync(zlib.deflateSync(x, { dictionary: x }), { dictionary: x })),
    hex(zlib.unzipSync(zlib.gzipSync(x), { chunkSize: 64 })),
  ],
  'a zlib stream': async (x) => {
    const packed = await bytesOf(Readable.from([x, x].map(bytesOn)).pipe(zlib.createGzip()));
    return hex(await bytesOf(Readable.from([packed]).pipe(zlib.createGunzip())));
  },
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
  'fs callbacks, readv and writev': async (x) => {
    await util.promisify(fs.writeFile)(file, x);
    const handle = await fs.promises.open(file, 'r+');
    await handle.writev([bytesOn(x), bytesOn(x).subarray(7)], 3);
    const targets = [new Uint8Array(100), Buffer.alloc(200)];
    const { bytesRead, buffers } = await handle.readv(targets, 0);
    const synced = [new Uint8Array(70), new DataView(new ArrayBuffer(90))];
    fs.readvSync(handle.fd, synced, 5);
    const one = Buffer.alloc(200);
    const read = await util.promisify(fs.read)(handle.fd, one, 10, 150, 20);
    const written = fs.writeSync(handle.fd, bytesOn(x), 3, 60, 0);
    await handle.close();
    const same = buffers.every((buffer, i) => buffer === targets[i]);
    return [
      bytesRead,
      same,
      ...targets.map(hex),
      hex(synced[0]),
      hex(bytesOn(synced[1])),
      hex(one),
    ].concat(read.bytesRead, written, hex(fs.readFileSync(file)));
  },
  'fs streams': async (x) => {
    await pipeline([bytesOn(x), bytesOn(x)], fs.createWriteStream(file));
    const range = { start: 5, end: 290, highWaterMark: 100 };
    fs.appendFileSync(file, x);
    return [
      hex(await bytesOf(fs.createReadStream(file, range))),
      hex(await fs.promises.readFile(file)),
    ];
  },
  'a socket': async (x) => {
    const server = net.createServer((socket) => socket.pipe(socket));
    return served(server, async (port) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.cork();
      socket.write(x instanceof Float32Array ? bytesOn(x) : x);
      socket.write(bytesOn(x).subarray(5));
      socket.uncork();
      socket.end(Buffer.alloc(100, 3));
      return hex(await bytesOf(socket));
    });
  },
  'a socket that reads into a buffer': async (x) => {
    const server = net.createServer((socket) => socket.end(bytesOn(x)));
    return served(server, async (port) => {
      const [buffer, chunks] = [Buffer.alloc(100), []];
      const onread = {
        buffer,
        callback: (length, into) => {
          chunks.push(Buffer.from(into.subarray(0, length)));
          return true;
        },
      };
      await once(
        net.connect({ port, host: '127.0.0.1', onread }).on('data', () => {}),
        'close',
      );
      return hex(Buffer.concat(chunks));
    });
  },
  tls: async (x) => {
    const server = tls.createServer({ ...psk, pskCallback: () => secret }, (socket) => {
      socket.pipe(socket);
    });
    return served(server, async (port) => {
      const pskCallback = () => ({ psk: secret, identity: 'x' });
      const socket = tls.connect({ ...psk, port, host: '127.0.0.1', pskCallback });
      await once(socket, 'secureConnect');
      socket.write(bytesOn(x));
      socket.end(bytesOn(x).subarray(5));
      return hex(await bytesOf(socket));
    });
  },
  http: async (x) => {
    const server = http.createServer((request, response) => {
      response.write(bytesOn(x));
      request.pipe(response);
    });
    return served(server, async (port) => {
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent: false });
      request.write(bytesOn(x));
      request.end(Buffer.from('ü'.repeat(90)));
      const [response] = await once(request, 'response');
      return hex(await bytesOf(response));
    });
  },
  fetch: async (x) => {
    const server = http.createServer((request, response) => request.pipe(response));
    return served(server, async (port) => {
      const headers = { connection: 'close' };
      const options = { method: 'POST', body: x, headers };
      const response = await fetch(`http://127.0.0.1:${port}`, options);
      return hex(await response.arrayBuffer());
    });
  },
  http2: async (x) => {
    const server = http2.createServer((request, response) => {
      response.write(bytesOn(x));
      request.pipe(response);
    });
    return served(server, async (port) => {
      const client = http2.connect(`http://127.0.0.1:${port}`);
      const request = client.request({ ':method': 'POST' });
      request.write(bytesOn(x));
      request.end(bytesOn(x).subarray(5));
      const answer = hex(await bytesOf(request));
      await new Promise((resolve) => client.close(resolve));
      return answer;
    });
  },
  dgram: async (x) => {
    const [from, to] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
    to.bind(0, '127.0.0.1');
    await once(to, 'listening');
    const { port } = to.address();
    const message = once(to, 'message');
    from.send([bytesOn(x), bytesOn(x).subarray(7)], port, '127.0.0.1');
    const [whole] = await message;
    const next = once(to, 'message');
    from.send(bytesOn(x), 5, 80, port, '127.0.0.1');
    const [part] = await next;
    from.close();
    to.close();
    return [hex(whole), hex(part)];
  },
  'stdin of a child': async (x) => {
    if (x instanceof Float32Array) return 'once is enough';
    const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.end(x);
    return hex(await bytesOf(child.stdout));
  },
  'stdout of a worker': async (x) => {
    if (!Buffer.isBuffer(x)) return 'once is enough';
    const worker = new Worker('process.stdin.pipe(process.stdout)', {
      eval: true,
      stdin: true,
      stdout: true,
    });
    worker.stdin.end(x);
    return hex(await bytesOf(worker.stdout));
  },
  readline: async (x) => {
    const lines = [];
    for await (const line of readline.createInterface({ input: Readable.from([bytesOn(x)]) })) {
      lines.push(line);
    }
    return lines;
  },
  'a Writable that takes strings': async (x) => {
    const seen = [];
    const stream = new Writable({
      write(chunk, encoding, done) {
        seen.push(hex(chunk), encoding, chunk.buffer.byteLength === chunk.byteLength);
        done();
      },
    });
    stream.end(bufferOn(x).toString('latin1').repeat(50), 'latin1');
    await once(stream, 'finish');
    return seen.slice(0, 2);
  },
  StringDecoder: (x) => {
    const decoder = new StringDecoder('utf8');
    const parts = [bytesOn(x).subarray(0, 101), bytesOn(x).subarray(101)].map(Buffer.from);
    return [...parts.map((part) => decoder.write(part)), decoder.end()];
  },
  WebAssembly: async (x) => {
    const code = new Uint8Array(WASM);
    const { instance } = await WebAssembly.instantiate(code);
    const module = await WebAssembly.compile(Buffer.from(WASM));
    const sync = new WebAssembly.Instance(new WebAssembly.Module(code.buffer));
    const sections = WebAssembly.Module.customSections(module, 'x').map((part) => part.byteLength);
    return [
      WebAssembly.validate(code),
      attempt(() => new WebAssembly.Module(x)),
      instance.exports.add(2, 3),
      sync.exports.add(4, 5),
      sections,
    ];
  },
  Atomics: (x) => {
    const ints = new Int32Array(50);
    return [
      Atomics.add(ints, 3, 7),
      Atomics.compareExchange(ints, 3, 7, 9),
      Atomics.load(ints, 3),
      Atomics.notify(ints, 0, 1),
      attempt(() => Atomics.wait(ints, 0, 0, 0)),
      attempt(() => Atomics.waitAsync(ints, 0, 0, 0)),
      attempt(() => Atomics.add(x, 0, 1)),
      attempt(() => Atomics.exchange(ints, 50, 1)),
    ];
  },
  'util.types': (x) =>
    Object.keys(util.types)
      .filter((name) => /^is/.test(name))
      .map((name) => [name, util.types[name](x), util.types[name](x.buffer)])
      .filter(([, ...answers]) => answers.some(Boolean)),
  assert: (x) => [
    attempt(() => assert.deepStrictEqual(x, x.slice())),
    attempt(() => assert.deepEqual([x], [bytesOn(x)])),
    attempt(() => assert.notDeepStrictEqual(x, new Float64Array(100))),
    attempt(() => assert.deepStrictEqual(x.subarray(0, 9), x.subarray(1, 10))),
  ],
  'fs.ReadStream of web': async (x) => {
    await fs.promises.writeFile(file, x);
    const handle = await fs.promises.open(file);
    const stream = handle.readableWebStream();
    const bytes = await bytesOf(stream);
    await handle.close();
    return hex(bytes);
  },
  'Readable.toWeb and fromWeb': async (x) => {
    const web = Readable.toWeb(Readable.from([bytesOn(x)], { objectMode: false }));
    return hex(await bytesOf(Readable.fromWeb(web)));
  },
  'Buffer.transcode': (x) => hex(transcode(bufferOn(x), 'latin1', 'utf8')),
  'fs.writeFile of an iterable': async (x) => {
    await fs.promises.writeFile(file, Readable.from([bytesOn(x), bytesOn(x)]));
    return hex(await fs.promises.readFile(file));
  },
  'vm.Script.cachedData': (x) => {
    const script = new vm.Script(`(${() => 5})()`);
    const cachedData = new Uint8Array(script.createCachedData());
    const again = new vm.Script(`(${() => 5})()`, { cachedData });
    return [again.cachedDataRejected, again.runInThisContext(), hex(x)];
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

function makeArrays() {
  // What arrays must not show: the memory before them is dirty.
  new Uint8Array(333).fill(0xee);
  const array = new Uint8Array(300).map((_, i) => i);
  return {
    'a Uint8Array': array,
    'a subarray': array.subarray(10, 200),
    'a Buffer': Buffer.from('héllo wörld '.repeat(70)),
    'a Float32Array': new Float32Array(100).fill(1.5),
  };
}

async function answers(arrays = makeArrays()) {
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
  const lines = after ? await answers(inScope(makeArrays)) : await inScope(() => answers());
  for (const line of lines) console.log(line);
} finally {
  fs.rmSync(folder, { recursive: true });
}
if (release) console.error(`captured: ${package_.stats().thread.captured}`);
