import { PASSES, type Pass } from './messages.js';
import type { Result } from './suite.js';

const IN_SCOPES: readonly Pass[] = ['collected', 'exit'];

/** What a run has found, against what is known. */
export interface Verdict {
  /** Tests that plain Node passes and that fail outside all scopes: there may be none. */
  readonly outside: readonly Result[];
  /** Tests that plain Node passes and that fail in a scope without being known to. */
  readonly unexpected: readonly Result[];
  /** Tests that plain Node passes and that fail in a scope, as is known. */
  readonly known: readonly Result[];
  /** Tests that are known to fail in scopes, and pass in all. */
  readonly passing: readonly string[];
}

/** Sorts results by what they mean. */
export function judge(
  results: readonly Result[],
  deviations: ReadonlyMap<string, string>,
): Verdict {
  const failing = results.filter(({ failures }) => !failures.has('plain') && failures.size > 0);
  const inScopes = failing.filter(({ failures }) => IN_SCOPES.some((pass) => failures.has(pass)));
  const known = ({ path }: Result) => deviations.has(path);
  return {
    outside: failing.filter(({ failures }) => failures.has('outside')),
    unexpected: inScopes.filter((result) => !known(result)),
    known: inScopes.filter(known),
    passing: results
      .filter((result) => known(result) && result.failures.size === 0)
      .map(({ path }) => path),
  };
}

/** The figures per folder, as a table in Markdown. */
export function tableOf(results: readonly Result[], folders: readonly string[]): string {
  const rows = folders.map((folder) => {
    const own = results.filter((result) => result.folder === folder);
    return [folder, ...countsOf(own)];
  });
  rows.push(['all', ...countsOf(results)]);
  const header = [
    '',
    'tests',
    'plain Node passes',
    'new failures outside',
    ...IN_SCOPES.map((p) => `new failures in '${p}'`),
  ];
  const lines = [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function countsOf(results: readonly Result[]): string[] {
  const failing = (pass: Pass) => results.filter(({ failures }) => failures.has(pass)).length;
  const [plain, ...others] = PASSES;
  return [
    results.length,
    results.length - failing(plain),
    ...others.map((pass) => failing(pass)),
  ].map(String);
}

/** A failing test with what it said, for the terminal. */
export function describe({ path, failures }: Result): string {
  const lines = Array.from(failures, ([pass, failure]) => `    ${pass}: ${failure}`);
  return [`  ${path}`, ...lines].join('\n');
}
