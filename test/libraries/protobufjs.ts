import { readFileSync } from 'node:fs';
import type * as Protobuf from 'protobufjs';
import { code, countries, outlines } from './inputs.js';
import { failureOf, type Library } from './library.js';

type Protobufjs = typeof Protobuf;

const SCHEMA = `
  syntax = "proto3";
  package atlas;
  enum Economy { UNKNOWN = 0; DEVELOPED = 1; EMERGING = 5; }
  message Point { double longitude = 1; float latitude = 2; }
  message Country {
    string name = 1;
    uint64 population = 2;
    sint32 gdp = 3;
    repeated Point outline = 4;
    repeated float longitudes = 5;
    bytes picture = 6;
    map<string, string> names = 7;
    oneof rank { int32 place = 8; string label = 9; }
    Economy economy = 10;
    fixed64 stamp = 11;
    bool large = 12;
  }
  message Atlas { repeated Country countries = 1; }`;

/** The same messages years later: fields gone, others new, names changed. */
const LATER = `
  syntax = "proto3";
  package atlas;
  message Country { string title = 1; uint64 population = 2; string capital = 40; repeated double longitudes = 41; }
  message Atlas { repeated Country countries = 1; uint32 edition = 2; }`;

const descriptors = ['descriptor', 'compiler/plugin', 'api', 'type'].map((name) =>
  readFileSync(require.resolve(`protobufjs/google/protobuf/${name}.proto`), 'utf8'),
);

// Each time anew: the code for a type is generated when it is first used.
const typeOf = (lib: Protobufjs, schema: string, name: string) =>
  lib.parse(schema, new lib.Root()).root.lookupType(name);

function countryMessage(i: number): Record<string, unknown> {
  const facts = countries[i] as (typeof countries)[number];
  const outline = (outlines[i] ?? []).slice(0, 12);
  return {
    name: facts.NAME,
    population: facts.POP_EST,
    gdp: -(facts.GDP_MD_EST as number),
    outline: outline.map(([longitude, latitude]) => ({ longitude, latitude })),
    longitudes: outline.map(([longitude]) => longitude),
    picture: Buffer.from(code.subarray(100 * i, 100 * i + 40 * (i % 9))),
    names: { de: `${facts.NAME} äöü`, fr: facts.FORMAL_FR ?? '' },
    ...(i % 2 === 0 ? { place: i } : { label: `№ ${i}` }),
    economy: i % 3 === 0 ? 5 : 1,
    stamp: 2 ** 40 + i,
    large: i % 5 === 0,
  };
}

const atlasMessage = (count: number) => ({
  countries: Array.from({ length: count }, (_, i) => countryMessage(i)),
});

const plain = { longs: String, enums: String, bytes: Array, defaults: true, oneofs: true };

export const protobufjs: Library<Protobufjs> = {
  name: 'protobufjs',
  load: () => require('protobufjs') as Protobufjs,
  uses: {
    'encodes and decodes': (lib) => {
      const Atlas = typeOf(lib, SCHEMA, 'atlas.Atlas');
      const bytes = Atlas.encode(Atlas.fromObject(atlasMessage(60))).finish();
      const decoded = Atlas.decode(bytes);
      const [, third] = (decoded as unknown as { countries: { picture: Uint8Array }[] }).countries;
      return [bytes, Atlas.toObject(decoded, plain), third?.picture];
    },
    'writes messages one after the other and reads them': (lib) => {
      const Country = typeOf(lib, SCHEMA, 'atlas.Country');
      const writer = lib.Writer.create();
      for (let i = 0; i < 40; i++)
        Country.encodeDelimited(Country.fromObject(countryMessage(i)), writer);
      const bytes = writer.finish();
      const reader = lib.Reader.create(bytes);
      const read: unknown[] = [];
      while (reader.pos < reader.len)
        read.push(Country.toObject(Country.decodeDelimited(reader), plain));
      return [bytes, read];
    },
    'reads what an older schema wrote': (lib) => {
      const bytes = typeOf(lib, SCHEMA, 'atlas.Atlas').encode(atlasMessage(30)).finish();
      const Later = typeOf(lib, LATER, 'atlas.Atlas');
      const decoded = Later.decode(bytes);
      const again = Later.encode(decoded).finish();
      return [
        Later.toObject(decoded, plain),
        again,
        typeOf(lib, SCHEMA, 'atlas.Atlas').decode(again).toJSON(),
      ];
    },
    'writes and reads by hand': (lib) => {
      const writer = lib.Writer.create().uint32(10).string('ünïcödé '.repeat(30)).uint32(18);
      writer
        .bytes(Buffer.from(code.subarray(0, 500)))
        .fork()
        .double(Math.PI)
        .float(1.5)
        .ldelim();
      writer
        .int64(-5)
        .sfixed64(lib.util.LongBits.from(7).toLong() as unknown as number)
        .bool(true)
        .sint64(-1);
      const bytes = writer.finish();
      const reader = lib.Reader.create(bytes);
      return [
        bytes,
        [reader.uint32(), reader.string(), reader.uint32(), reader.bytes(), reader.uint32()],
        [reader.double(), reader.float(), String(reader.int64()), String(reader.sfixed64())],
      ];
    },
    'reads schemas': (lib) =>
      descriptors.map((text) => JSON.stringify(lib.parse(text, new lib.Root()).root.toJSON())),
    'goes on after messages that are not whole': (lib) => {
      const Atlas = typeOf(lib, SCHEMA, 'atlas.Atlas');
      const bytes = Atlas.encode(atlasMessage(20)).finish();
      const damaged = Uint8Array.from(bytes);
      damaged.fill(0xff, 100, 130);
      return [
        failureOf(() => Atlas.decode(bytes.subarray(0, 1001))),
        failureOf(() => Atlas.decode(damaged)),
        failureOf(() => Atlas.encode({ countries: [{ name: 5, outline: 7 }] }).finish()),
        Atlas.verify({ countries: [{ name: 5 }] }),
        Atlas.toObject(Atlas.decode(bytes), plain),
      ];
    },
    'writes with the writer for browsers': (lib) => {
      const Country = typeOf(lib, SCHEMA, 'atlas.Country');
      // Copied, because they lie somewhere in memory that the library hands out piece by piece.
      return [3, 4, 5].map((i) =>
        Uint8Array.from(
          Country.encode(Country.fromObject(countryMessage(i)), new lib.Writer()).finish(),
        ),
      );
    },
  },
  kept: {
    '`new Writer()`': {
      sign: 'pool_alloc',
      keep: (lib) => Uint8Array.from(new lib.Writer().string('x'.repeat(100)).finish()),
    },
  },
  notForExit: ['writes with the writer for browsers'],
};
