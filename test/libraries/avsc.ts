import { PassThrough } from 'node:stream';
import type * as Avro from 'avsc';
import { code, countries, longText, outlines } from './inputs.js';
import { contentOf, failureOf, type Library, pieces } from './library.js';

type Avsc = typeof Avro;

const POINT = {
  type: 'record',
  name: 'Point',
  fields: [
    { name: 'longitude', type: 'double' },
    { name: 'latitude', type: 'float' },
  ],
};

const COUNTRY = {
  type: 'record',
  name: 'Country',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'population', type: 'long' },
    { name: 'gdp', type: ['null', 'int'], default: null },
    { name: 'code', type: { type: 'fixed', name: 'Code', size: 100 } },
    { name: 'picture', type: 'bytes' },
    { name: 'outline', type: { type: 'array', items: POINT } },
    { name: 'facts', type: { type: 'map', values: ['null', 'string', 'double'] } },
    { name: 'size', type: { type: 'enum', name: 'Size', symbols: ['SMALL', 'LARGE'] } },
  ],
};

/** The same record years later: fields gone, others new, numbers wider. */
const LATER = {
  type: 'record',
  name: 'Country',
  fields: [
    { name: 'title', aliases: ['name'], type: ['null', 'string'] },
    { name: 'population', type: 'double' },
    { name: 'capital', type: 'string', default: 'unknown' },
    { name: 'picture', type: 'bytes' },
  ],
};

function record(i: number): Record<string, unknown> {
  const facts = countries[i % countries.length] as (typeof countries)[number];
  const outline = (outlines[i % outlines.length] ?? []).slice(0, 8);
  return {
    name: facts.NAME,
    population: facts.POP_EST,
    gdp: i % 4 === 0 ? null : { int: Math.round(facts.GDP_MD_EST as number) },
    code: Buffer.from(code.subarray(100 * i, 100 * i + 100)),
    picture: Buffer.from(code.subarray(50 * i, 50 * i + 30 * (i % 30))),
    outline: outline.map(([longitude, latitude]) => ({ longitude, latitude })),
    facts: { a: { string: String(facts.FORMAL_EN) }, b: { double: i / 3 }, c: null },
    size: i % 2 === 0 ? 'SMALL' : 'LARGE',
  };
}

const records = (count: number) => Array.from({ length: count }, (_, i) => record(i));

const typeOf = ({ Type }: Avsc) => Type.forSchema(COUNTRY as Avro.Schema, { wrapUnions: true });

async function container(lib: Avsc, codec: 'null' | 'deflate', count: number): Promise<Buffer> {
  const encoder = new lib.streams.BlockEncoder(typeOf(lib), {
    codec,
    blockSize: 4000,
    syncMarker: Buffer.alloc(16, 7),
  } as object);
  const content = contentOf(encoder.pipe(new PassThrough()));
  for (const value of records(count)) encoder.write(value);
  encoder.end();
  return content;
}

async function valuesOf(lib: Avsc, bytes: Uint8Array): Promise<unknown[]> {
  const decoder = new lib.streams.BlockDecoder();
  const values: unknown[] = [];
  const end = new Promise((resolve, reject) => decoder.on('end', resolve).on('error', reject));
  decoder.on('data', (value: unknown) => values.push(value));
  for (const piece of pieces(bytes, 700)) decoder.write(Buffer.from(piece));
  decoder.end();
  await end;
  return values;
}

export const avsc: Library<Avsc> = {
  name: 'avsc',
  load: () => require('avsc') as Avsc,
  uses: {
    'encodes and decodes': (lib) => {
      const type = typeOf(lib);
      return records(50).map((value) => {
        const bytes = type.toBuffer(value);
        return [bytes, type.fromBuffer(bytes), type.clone(value)];
      });
    },
    'encodes what does not fit its scratch memory': ({ Type }) => {
      const type = Type.forSchema({ type: 'array', items: 'string' });
      const bytes = type.toBuffer(longText.toString().split('\n'));
      const target = Buffer.alloc(bytes.length + 10);
      return [
        bytes,
        (type.fromBuffer(bytes) as string[]).length,
        type.encode(['x', 'y'.repeat(200)], target, 5),
        target,
      ];
    },
    'reads what an older schema wrote': (lib) => {
      const type = typeOf(lib);
      const later = lib.Type.forSchema(LATER as Avro.Schema);
      const resolver = later.createResolver(type);
      return records(30).map((value) => {
        const read = later.fromBuffer(type.toBuffer(value), resolver);
        return [read, later.toBuffer(read)];
      });
    },
    'finds a schema for values': ({ Type }) => {
      const type = Type.forValue(countries.slice(0, 40));
      const bytes = type.toBuffer(countries.slice(0, 40) as never);
      return [JSON.stringify(type.schema()), bytes, JSON.stringify(type.fromBuffer(bytes))];
    },
    'converts to types of its own': (lib) => {
      class DateType extends lib.types.LogicalType {
        protected override _fromValue(value: number): Date {
          return new Date(value);
        }
        protected override _toValue(date: Date): number {
          return +date;
        }
      }
      const schema = { type: 'array', items: { type: 'long', logicalType: 'date' } };
      const type = lib.Type.forSchema(schema as never, { logicalTypes: { date: DateType } });
      const bytes = type.toBuffer(Array.from({ length: 50 }, (_, i) => new Date(i * 1e10)));
      return [bytes, (type.fromBuffer(bytes) as Date[]).map((date) => date.toISOString())];
    },
    'writes and reads containers': async (lib) => {
      const file = await container(lib, 'deflate', 120);
      return [
        file,
        await valuesOf(lib, file),
        await valuesOf(lib, await container(lib, 'null', 50)),
      ];
    },
    'streams records': async (lib) => {
      const type = typeOf(lib);
      const encoder = new lib.streams.RawEncoder(type, { batchSize: 2000 });
      const decoder = new lib.streams.RawDecoder(type);
      const values: unknown[] = [];
      decoder.on('data', (value: unknown) => values.push(value));
      for (const value of records(80)) encoder.write(value);
      encoder.end();
      await new Promise((resolve) => encoder.pipe(decoder).on('end', resolve));
      return values;
    },
    'calls a service': async (lib) => {
      const service = lib.Service.forProtocol(
        {
          protocol: 'Atlas',
          messages: { find: { request: [{ name: 'name', type: 'string' }], response: COUNTRY } },
        } as never,
        { wrapUnions: true } as never,
      );
      const server = service.createServer({ silent: true } as object);
      server.onMessage('find', ((
        { name }: { name: string },
        done: (error: Error | null, value?: unknown) => void,
      ) => {
        const i = countries.findIndex((facts) => facts.NAME === name);
        if (i < 0) done(new Error(`no ${name}`));
        else done(null, record(i));
      }) as never);
      const client = service.createClient({ server } as object);
      await new Promise((resolve) => setImmediate(resolve));
      const find = (name: string) =>
        new Promise((resolve) => {
          client.emitMessage('find', { name }, undefined, (error, value) =>
            resolve(error?.message ?? value),
          );
        });
      return [
        await find('Chad'),
        await find('Atlantis'),
        await Promise.all(['Fiji', 'Peru'].map(find)),
      ];
    },
    'goes on after values and bytes that are no records': (lib) => {
      const type = typeOf(lib);
      const bytes = type.toBuffer(record(5));
      return [
        failureOf(() => type.toBuffer({ ...record(3), code: Buffer.alloc(99) })),
        failureOf(() => type.toBuffer({ ...record(3), outline: [{ longitude: 'x' }] })),
        failureOf(() => type.fromBuffer(bytes.subarray(0, 200))),
        failureOf(() => type.fromBuffer(Buffer.concat([bytes, bytes]))),
        type.isValid({ ...record(2), size: 'HUGE' }),
        type.fromBuffer(bytes),
      ];
    },
  },
  kept: {
    'the pool that bytes and fixed values are read into': {
      sign: 'BufferPool.alloc',
      keep: (lib) => {
        const type = typeOf(lib);
        return records(60).map((value) => type.fromBuffer(type.toBuffer(value)));
      },
    },
  },
  notForExit: [
    'encodes and decodes',
    'reads what an older schema wrote',
    'writes and reads containers',
    'streams records',
    'calls a service',
    'goes on after values and bytes that are no records',
  ],
};
