import { code, countries, longText } from './inputs.js';
import { contentOf, failureOf, type Library, pieces, type Use } from './library.js';
import { localServer, origin } from './server.js';

/** What is used of the Fetch API, Node's own or the package's. */
export type FetchApi = Pick<
  typeof globalThis,
  'fetch' | 'FormData' | 'Headers' | 'Response' | 'Request'
>;

type BodyInit = NonNullable<RequestInit['body']>;

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

function described({ status, statusText, ok, redirected, type }: Response): unknown[] {
  return [status, statusText, ok, redirected, type];
}

async function answerTo({ fetch }: FetchApi, path: string, init?: RequestInit): Promise<unknown[]> {
  const response = await fetch(origin() + path, init);
  return [described(response), await bytesOf(response)];
}

const echo = (api: FetchApi, body: BodyInit, init?: object) =>
  answerTo(api, '/echo', { method: 'POST', body, ...init });

async function* pieceByPiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const piece of pieces(bytes, 9000)) {
    yield Uint8Array.from(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const fetchUses: Readonly<Record<string, Use<FetchApi>>> = {
  'fetches bytes, text, JSON and blobs': async (api) => {
    const get = (path: string) => api.fetch(origin() + path);
    const blob = await (await get('/code')).blob();
    return [
      await answerTo(api, '/code'),
      await (await get('/text')).text(),
      ((await (await get('/json')).json()) as unknown[]).slice(3, 9),
      [blob.size, new Uint8Array(await blob.slice(300, 5000).arrayBuffer())],
    ];
  },
  'fetches what is compressed, redirected, missing and in pieces': async (api) => [
    await answerTo(api, '/packed'),
    await answerTo(api, '/moved'),
    await answerTo(api, '/missing'),
    await answerTo(api, '/pieces'),
  ],
  'reads bodies as streams': async ({ fetch }) => {
    const response = await fetch(`${origin()}/pieces`);
    const [one, other] = (response.body as ReadableStream<Uint8Array>).tee();
    const copy = new Response(one);
    return [await contentOf(other as unknown as AsyncIterable<Uint8Array>), await copy.text()];
  },
  'sends bodies of every kind': async (api) => [
    await echo(api, Uint8Array.from(code)),
    await echo(api, Buffer.from(code.subarray(100, 300)) as never),
    await echo(api, new Float64Array(5000).fill(1.5).buffer),
    await echo(api, new DataView(Uint8Array.from(code.subarray(0, 1000)).buffer, 100, 500)),
    await echo(api, longText.toString()),
    await echo(api, new Blob([Uint8Array.from(code), 'and text'])),
    await echo(api, new URLSearchParams({ a: 'ünïcödé', b: 'x'.repeat(500) })),
    await echo(api, pieceByPiece(code) as unknown as BodyInit, { duplex: 'half' }),
  ],
  'sends forms and reads them': async ({ fetch, FormData }) => {
    const form = new FormData();
    form.append('name', 'ünïcödé '.repeat(30));
    form.append('picture', new Blob([Uint8Array.from(code.subarray(0, 20_000))]), 'picture.bin');
    const response = await fetch(`${origin()}/echo`, { method: 'POST', body: form });
    const entries: unknown[] = [];
    for (const [name, value] of await response.formData()) {
      const content = typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer());
      entries.push([name, content]);
    }
    return entries;
  },
  'fetches much at once': (api) =>
    Promise.all(
      ['/text', '/code', '/packed', '/json', '/pieces', '/moved'].flatMap((path) => [
        answerTo(api, path),
        echo(
          api,
          Uint8Array.from(countries, (_, i) => i),
          { headers: { 'x-path': path } },
        ),
      ]),
    ),
  'makes responses and requests': async ({ Response, Request, Headers }) => {
    const response = new Response(Uint8Array.from(code), { headers: new Headers({ a: 'b' }) });
    const request = new Request('http://localhost/', { method: 'PUT', body: longText.toString() });
    const copy = response.clone();
    return [
      await bytesOf(response),
      (await copy.blob()).size,
      await request.clone().text(),
      await (Response as unknown as typeof globalThis.Response).json(countries.slice(0, 20)).json(),
    ];
  },
  'goes on after what breaks off': async (api) => {
    const controller = new AbortController();
    const pending = failureOf(async () => {
      const response = await api.fetch(`${origin()}/silent`, { signal: controller.signal });
      setTimeout(() => controller.abort(), 5);
      return response.text();
    });
    return [
      await pending,
      await failureOf(async () => (await api.fetch(`${origin()}/broken`)).arrayBuffer()),
      await failureOf(() => api.fetch(`${origin()}/text`, { signal: AbortSignal.abort() })),
      await failureOf(async () => (await api.fetch(`${origin()}/text`)).json()),
      await answerTo(api, '/text'),
    ];
  },
};

export const fetch: Library<FetchApi> = {
  name: 'fetch',
  load() {
    const { fetch, FormData, Headers, Response, Request } = globalThis;
    return { fetch, FormData, Headers, Response, Request };
  },
  around: localServer,
  uses: fetchUses,
};
