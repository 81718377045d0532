import type { Surroundings } from './campaign.js';

/** A program that was answered otherwise than in plain Node. */
export interface Difference {
  readonly source: string;
  readonly async: boolean;
  readonly surroundings: Surroundings;
  readonly minBytes: number;
  readonly plain: string;
  readonly found: string;
}

/** The first lines of two answers that differ. */
export function firstDifference(plain: string, found: string): string {
  const [a, b] = [plain.split('\n'), found.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return `line ${line + 1}\n  plain  ${a[line]}\n  arenas ${b[line]}`;
}

/** A difference, for people: what was found, and JavaScript that shows it again. */
export function describeDifference(difference: Difference): string {
  const { source, async, surroundings, minBytes, plain, found } = difference;
  const body = source.replaceAll(/^/gm, '  ');
  return `A program is answered otherwise than in plain Node, at ${firstDifference(plain, found)}

// From the repository's top folder:
require('./out/fuzz/reproduce.js').reproduce('${surroundings}', ${minBytes}, ${async ? 'async ' : ''}() => {
${body}
});
`;
}
