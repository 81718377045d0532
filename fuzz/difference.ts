import type { Difference } from './campaign.js';

/** The first lines that differ. */
function firstDifference(plain: string, found: string): string {
  const [a, b] = [plain.split('\n'), found.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const from = Math.max(at < 0 ? a.length : at, 0);
  return `line ${from + 1}\n  plain  ${a[from]}\n  arenas ${b[from]}`;
}

/** A difference, for people: what was found, and a program that shows it. */
export function describeDifference(difference: Difference): string {
  const { source, async, surroundings, minBytes, plain, found } = difference;
  return [
    `A program answers otherwise in '${surroundings}' scopes from ${minBytes} bytes,`,
    firstDifference(plain, found),
    '',
    `// ${async ? 'async ' : ''}program`,
    source,
    '',
  ].join('\n');
}
