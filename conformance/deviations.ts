import { readFileSync } from 'node:fs';

const ROW = /^\| `(test\/[^`]+)` \| (.+) \|$/gm;

/**
 * The tests that are known to fail inside scopes, with the reason: the rows of the table in
 * `docs/conformance.md`.
 */
export function readDeviations(file: string): Map<string, string> {
  const text = readFileSync(file, 'utf8');
  return new Map(Array.from(text.matchAll(ROW), ([, path, reason]) => [path, reason]) as never);
}
