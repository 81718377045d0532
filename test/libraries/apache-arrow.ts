import type * as Apache from 'apache-arrow';
import { countries, longText, numbers, outlines, strings } from './inputs.js';
import { contentOf, failureOf, type Library, pieces } from './library.js';

type Arrow = typeof Apache;

/** A table of real countries, a column for each fact. */
function table(arrow: Arrow): Apache.Table {
  const columns = [...numbers].map(([name, values]) => [name, Float64Array.from(values)] as const);
  return arrow.tableFromArrays(Object.fromEntries(columns));
}

function described(table: Apache.Table): unknown[] {
  const columns = table.schema.fields.map(({ name, type }, i) => {
    const column = table.getChildAt(i) as Apache.Vector;
    return [name, String(type), column.length, column.nullCount, column.toArray()];
  });
  return [table.numRows, table.batches.length, columns];
}

function rows(table: Apache.Table): unknown {
  return JSON.parse(JSON.stringify(table.toArray()));
}

function textTable(arrow: Arrow): Apache.Table {
  const columns = [...strings].map(([name, values], i) => {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 900 + i);
    return [name, arrow.vectorFromArray(values, type)] as const;
  });
  return new arrow.Table(Object.fromEntries(columns.slice(0, 10)));
}

function batches(arrow: Arrow): Apache.Table {
  const whole = table(arrow);
  return whole.slice(0, 50).concat(whole.slice(50, 51), whole.slice(51));
}

async function* arriving(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const piece of pieces(bytes, 900)) yield Uint8Array.from(piece);
}

export const apacheArrow: Library<Arrow> = {
  name: 'apache-arrow',
  load: () => require('apache-arrow') as Arrow,
  uses: {
    'makes tables of many columns': (arrow) => [described(table(arrow)), described(batches(arrow))],
    'writes and reads files and streams': (arrow) =>
      [table(arrow), textTable(arrow), batches(arrow)].flatMap((some) => {
        const file = arrow.tableToIPC(some, 'file');
        const stream = arrow.tableToIPC(some, 'stream');
        return [
          file,
          stream,
          described(arrow.tableFromIPC(file)),
          described(arrow.tableFromIPC(stream)),
        ];
      }),
    'builds columns of text, lists and structures': (arrow) => {
      const { Field, Float64, List, Struct, Utf8, Timestamp, TimeUnit, Bool, Int64 } = arrow;
      const point = new Struct([
        new Field('x', new Float64()),
        new Field('y', new Float64()),
      ] as never[]);
      const values = outlines
        .slice(0, 30)
        .map((points) => points.slice(0, 10).map(([x, y]) => ({ x, y })));
      const shapes = arrow.vectorFromArray(
        values as never,
        new List(new Field('point', point)) as never,
      );
      const built = new arrow.Table({
        names: arrow.vectorFromArray(
          countries.slice(0, 30).map(({ NAME }) => NAME),
          new Utf8(),
        ),
        shapes: shapes as Apache.Vector,
        seen: arrow.vectorFromArray(
          values.map((_, i) => new Date(i * 86_400_000)),
          new Timestamp(TimeUnit.MILLISECOND),
        ),
        large: arrow.vectorFromArray(
          values.map((list) => list.length > 20),
          new Bool(),
        ),
        many: arrow.vectorFromArray(
          values.map((list) => BigInt(list.length) << 40n),
          new Int64(),
        ),
      });
      const bytes = arrow.tableToIPC(built);
      return [
        bytes,
        rows(built.select(['names', 'shapes', 'large'])),
        rows(arrow.tableFromIPC(bytes).select(['names', 'shapes'])),
      ];
    },
    'builds a column value by value': (arrow) => {
      const builder = arrow.makeBuilder({ type: new arrow.Utf8(), nullValues: [null, ''] });
      const words = longText.toString().split(/\s+/).slice(0, 3000);
      const chunks: Apache.Vector[] = [];
      for (const [i, word] of words.entries()) {
        builder.append(i % 17 === 0 ? null : word);
        if (i % 1000 === 999) chunks.push(builder.toVector());
      }
      const vector = (chunks[0] as Apache.Vector).concat(
        ...chunks.slice(1),
        builder.finish().toVector(),
      );
      return [
        vector.length,
        vector.nullCount,
        vector.toArray(),
        vector.get(700),
        vector.indexOf(words[5]),
      ];
    },
    'reads what arrives in pieces': async (arrow) => {
      const bytes = arrow.tableToIPC(batches(arrow), 'stream');
      const reader = await arrow.RecordBatchReader.from(arriving(bytes));
      const read: Apache.RecordBatch[] = [];
      for await (const batch of reader) read.push(batch);
      return described(new arrow.Table(read));
    },
    'writes to a stream of Node': async (arrow) => {
      const writer = arrow.RecordBatchStreamWriter.writeAll(batches(arrow).batches);
      const bytes = await contentOf(writer.toNodeStream() as AsyncIterable<Uint8Array>);
      return [bytes, described(arrow.tableFromIPC(bytes))];
    },
    'filters rows and takes parts': (arrow) => {
      const whole = batches(arrow);
      const population = whole.getChild('POP_EST') as Apache.Vector;
      const large: number[] = [];
      for (let i = 0; i < whole.numRows; i++) if (population.get(i) > 5e7) large.push(i);
      const part = whole.slice(40, 60).select(['POP_EST', 'GDP_MD_EST']);
      return [
        large,
        large.slice(0, 5).map((i) => rows(whole.slice(i, i + 1))),
        described(part),
        rows(part),
        String(part.get(3)),
      ];
    },
    'goes on after data that is not whole': async (arrow) => {
      const bytes = arrow.tableToIPC(table(arrow), 'stream');
      return [
        failureOf(() => arrow.tableFromIPC(bytes.subarray(0, 700))),
        failureOf(() => arrow.vectorFromArray([1, 2], new arrow.Utf8() as never).get(0)),
        await failureOf(async () => arrow.tableFromIPC(arriving(bytes.subarray(0, 5001)))),
        failureOf(() => new arrow.Table({ a: new Float64Array(3) as never })),
        described(arrow.tableFromIPC(bytes)),
      ];
    },
  },
};
