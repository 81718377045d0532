/**
 * `npm run demo`: real files through unmodified libraries and the ported examples, each with memory from plain
 * Node and from arenas in turn. Exits with 1 when an output differs.
 */
import { collectedRangeWorkload } from '../collected-range.js';
import { mediansWorkload } from '../medians.js';
import { paramSearchWorkload } from '../param-search.js';
import { type Comparison, compare, runCount } from '../support/compare.js';
import { reportFailure } from '../support/failures.js';
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

async function main(): Promise<void> {
  // The originals work on more data; run alone, the examples take their sizes from the command line.
  const examples = [
    collectedRangeWorkload(1_000_000, 50),
    mediansWorkload(8, 1_000_000),
    paramSearchWorkload(6, 20_000),
  ];
  const libraries = await Promise.all(PIPELINES.map(pipelineWorkload));
  const workloads = [...libraries, ...examples];
  const runs = workloads.reduce((total, workload) => total + runCount(workload, ROUNDS), 0);
  const comparisons = await withProgress(runs, (begin) => compareAll(workloads, begin));
  print(comparisons.slice(0, libraries.length), comparisons.slice(libraries.length));
}

async function compareAll(workloads: readonly Workload[], begin: Begin): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of workloads) {
    comparisons.push(await compare(workload, { rounds: ROUNDS, onRun: begin }));
  }
  return comparisons;
}

function print(libraries: readonly Comparison[], examples: readonly Comparison[]): void {
  console.log(
    `Unmodified libraries on real files, medians of ${ROUNDS} rounds, Node ${process.version}`,
  );
  console.log(formatReport(libraries));
  console.log('\nThe examples of ArenaPirate.jl');
  console.log(formatReport(examples));
  console.log(`\n${legend}\nEach output has the same SHA-256 in all its variants.`);
}

main().catch(reportFailure);
