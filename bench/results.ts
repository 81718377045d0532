import { readFileSync } from 'node:fs';
import type { Comparison } from './comparison.js';
import type { Machine } from './machine.js';
import type { Target } from './section.js';
import type { Settings } from './settings.js';
import type { Signal } from './support/interruption.js';

/** What the JSON file holds. A later format has another number. */
export interface Results {
  readonly format: typeof FORMAT;
  /** One for each version of Node. */
  readonly runs: readonly Run[];
  /** Major versions that were asked for and gave nothing. */
  readonly missing?: readonly string[];
}

/** {@link Results}, perhaps none, and why there are not more. */
export interface Measured extends Pick<Results, 'runs' | 'missing'> {
  readonly interrupted?: Signal;
}

export const FORMAT = 1;

/** Everything that one version of Node has measured. */
export interface Run {
  readonly machine: Machine;
  readonly profile: Settings['profile'];
  readonly seconds: number;
  readonly comparisons: readonly Comparison[];
  readonly targets: readonly Target[];
  /** Sections of which nothing is here. Missing where all went well. */
  readonly failed?: readonly Failure[];
  /** What ended the run before its last section had finished. Missing where nothing did. */
  readonly interrupted?: Signal;
}

/** A section that ended with an error. */
export interface Failure {
  readonly section: string;
  readonly message: string;
}

/** Why a run is not whole, in sentences; none where it is. */
export function gapsIn({
  failed = [],
  interrupted,
}: Pick<Run, 'failed' | 'interrupted'>): string[] {
  return [
    ...failed.map(
      ({ section, message }) => `The section '${section}' failed: ${firstLine(message)}`,
    ),
    ...(interrupted === undefined
      ? []
      : [`${interrupted} ended it early: sections that had not finished are missing.`]),
  ];
}

function firstLine(text: string): string {
  return text.split('\n')[0] as string;
}

/** A file that cannot be read as results; the message names it and says what is wrong. */
export class BadResultsError extends Error {
  override readonly name = 'BadResultsError';
}

/** @throws {BadResultsError} for a file that `npm run bench -- --json` has not written */
export function readResults(file: string): Results {
  const results = parse(file) as Partial<Results> | null;
  const bad = (what: string) =>
    new BadResultsError(`Expected the JSON of npm run bench in ${file} but ${what}`);
  if (typeof results !== 'object' || results === null) throw bad('it holds no object');
  if (results.format !== FORMAT) {
    throw bad(`its format is ${JSON.stringify(results.format)}, not ${FORMAT}: measure again`);
  }
  const { runs } = results;
  if (!Array.isArray(runs) || runs.length === 0) throw bad('it holds no runs');
  const broken = runs.findIndex((run) => !isRun(run));
  if (broken >= 0) throw bad(`its run ${broken + 1} of ${runs.length} is not whole: measure again`);
  return results as Results;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'it is no JSON' : 'it cannot be read';
    throw new BadResultsError(
      `Expected the JSON of npm run bench in ${file} but ${what}: ${(error as Error).message}`,
    );
  }
}

function isRun(value: unknown): boolean {
  const run = value as Partial<Run> | null;
  return (
    typeof run?.machine?.node === 'string' &&
    Array.isArray(run.machine.load) &&
    Array.isArray(run.machine.loadAfter) &&
    typeof run.machine.packages === 'object' &&
    Array.isArray(run.targets) &&
    Array.isArray(run.failed ?? []) &&
    Array.isArray(run.comparisons) &&
    run.comparisons.every(isComparison)
  );
}

function isComparison(value: unknown): boolean {
  const comparison = value as Partial<Comparison> | null;
  const { rounds, baseline, ours, rivals = [] } = comparison ?? {};
  if (typeof rounds !== 'object' || rounds === null) return false;
  if (!Array.isArray(ours) || !Array.isArray(rivals)) return false;
  const named = [comparison?.section, comparison?.group, comparison?.name, comparison?.unit];
  return (
    named.every((text) => typeof text === 'string') &&
    [baseline, ...ours, ...rivals].every(
      (variant) => variant !== undefined && Array.isArray(rounds[variant]),
    ) &&
    Object.values(rounds).every((values) => Array.isArray(values) && values.length > 0)
  );
}
