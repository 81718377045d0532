/**
 * `npm run demo`: real files through unmodified libraries and the ported examples, each with memory from plain
 * Node and from arenas in turn. Exits with 1 when an output differs.
 */
import { collectedRangeWorkload } from '../collected-range.js';
import { mediansWorkload } from '../medians.js';
import { mtMediansWorkload } from '../parallel/medians.js';
import { mtParamSearchWorkload } from '../parallel/param-search.js';
import { paramSearchWorkload } from '../param-search.js';
import { type Comparison, compare, runCount } from '../support/compare.js';
import { DifferentOutputError, reportFailure } from '../support/failures.js';
import { type Begin, withProgress } from '../support/progress.js';
import { formatReport, legend } from '../support/report.js';
import type { Workload } from '../support/workload.js';
import { delaunator } from './libraries/delaunator.js';
import { fflate } from './libraries/fflate.js';
import { jpegJs } from './libraries/jpeg-js.js';
import { mlMatrix } from './libraries/ml-matrix.js';
import { pako } from './libraries/pako.js';
import { pngjs } from './libraries/pngjs.js';
import { pipelineWorkload } from './pipeline.js';

const PIPELINES = [pngjs, jpegJs, pako, fflate, delaunator, mlMatrix];
const ROUNDS = 6;
const THREADS = 2;

async function main(): Promise<void> {
  // The originals work on more data; run alone, the examples take their sizes from the command line.
  const examples = [
    collectedRangeWorkload(1_000_000, 50),
    mediansWorkload(8, 1_000_000),
    paramSearchWorkload(6, 20_000),
  ];
  const onThreads = [
    mtMediansWorkload(8, 1_000_000, THREADS),
    mtParamSearchWorkload(6, 20_000, THREADS),
  ];
  const libraries = await Promise.all(PIPELINES.map(pipelineWorkload));
  const workloads = [...libraries, ...examples, ...onThreads];
  const runs = workloads.reduce((total, workload) => total + runCount(workload, ROUNDS), 0);
  const comparisons = await withProgress(runs, (begin) => compareAll(workloads, begin));
  const singleThreaded = comparisons.slice(libraries.length, -onThreads.length);
  const parallel = comparisons.slice(-onThreads.length);
  for (const comparison of parallel) requireSameOutput(comparison, singleThreaded);
  print(comparisons.slice(0, libraries.length), singleThreaded, parallel);
}

/** @throws {DifferentOutputError} when threads give another answer than the example of the same name. */
function requireSameOutput({ name, sha256 }: Comparison, examples: readonly Comparison[]): void {
  const expected = examples.find((example) => example.name === name)?.sha256 ?? '';
  if (sha256 !== expected) {
    throw new DifferentOutputError(`${name} on ${THREADS} threads`, 'plain', expected, sha256);
  }
}

async function compareAll(workloads: readonly Workload[], begin: Begin): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of workloads) {
    comparisons.push(await compare(workload, { rounds: ROUNDS, onRun: begin }));
  }
  return comparisons;
}

function print(
  libraries: readonly Comparison[],
  examples: readonly Comparison[],
  parallel: readonly Comparison[],
): void {
  console.log(
    `Unmodified libraries on real files, medians of ${ROUNDS} rounds, Node ${process.version}`,
  );
  console.log(formatReport(libraries));
  console.log('\nThe examples of ArenaPirate.jl');
  console.log(formatReport(examples));
  console.log(`\nThe same on ${THREADS} worker threads, with mtMapArena, with equal output`);
  console.log(formatReport(parallel));
  console.log(`\n${legend}\nEach output has the same SHA-256 in all its variants.`);
}

main().catch(reportFailure);
