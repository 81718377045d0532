import { coastPoints, countryOutlines } from '../coastlines.js';
import { declarationFiles } from '../inputs.js';
import type { Pipeline } from '../pipeline.js';

const WORDS = 8000;

/** Makes tables of coasts and of words, writes them as files and streams, reads them back and filters. */
export const apacheArrow: Pipeline = {
  library: 'apache-arrow',
  input: 'coasts, words: write, read, filter',
  async prepare() {
    const {
      Dictionary,
      Float64,
      Int32,
      Table,
      Utf8,
      makeBuilder,
      tableFromArrays,
      tableFromIPC,
      tableToIPC,
      vectorFromArray,
    } = await import('apache-arrow');
    const points = coastPoints();
    const longitude = Float64Array.from(points, ([x]) => x as number);
    const latitude = Float64Array.from(points, ([, y]) => y as number);
    const countries = countryOutlines();
    const text = Buffer.concat([...declarationFiles().values()]).toString();
    const words = text.split(/\W+/).slice(0, WORDS);

    /** Columns of numbers that are there already. */
    const coasts = () => {
      const bytes = tableToIPC(tableFromArrays({ longitude, latitude }), 'file');
      const read = tableFromIPC(bytes);
      const column = read.getChild('latitude');
      const polar: number[] = [];
      for (let i = 0; i < read.numRows; i++) if (Number(column?.get(i)) > 66.5) polar.push(i);
      return [bytes, Int32Array.from(polar)];
    };

    /** A table for each country, as a server answers requests. */
    const outlines = () =>
      countries.map((outline) => {
        const table = tableFromArrays({
          x: Float32Array.from(outline, ([x]) => x as number),
          y: Float32Array.from(outline, ([, y]) => y as number),
        });
        return tableToIPC(table.slice(0, 100), 'stream');
      });

    /** A column that is built value by value. */
    const wordLengths = () => {
      const builder = makeBuilder({ type: new Float64(), nullValues: [null] });
      for (const word of words) builder.append(word === '' ? null : word.length);
      return [builder.finish().toVector().toArray()];
    };

    /** Text, as it is and by number. */
    const dictionary = () => {
      const table = new Table({
        plain: vectorFromArray(words, new Utf8()),
        // The number of a dictionary is counted up by Arrow unless it is given.
        known: vectorFromArray(words, new Dictionary(new Utf8(), new Int32(), 1)),
      });
      return [tableToIPC(table, 'stream')];
    };

    return [coasts, outlines, wordLengths, dictionary];
  },
};
