import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { compare, runCount } from './compare.js';
import { reportFailure } from './failures.js';
import { withProgress } from './progress.js';
import { formatReport, legend } from './report.js';
import type { Workload } from './workload.js';

/** A number that the command line can set. */
export interface NumberOption {
  readonly about: string;
  readonly value: number;
}

/** A workload that is a program of its own. */
export interface Program<K extends string> {
  readonly about: string;
  readonly numbers: Record<K | 'rounds', NumberOption>;
  workload(numbers: Record<K, number>): Workload;
  /** What compiles the code before the rounds, where the workload itself takes minutes. */
  readonly warmUp?: Workload;
}

/** Reads the command line, compares the variants and prints the table. A failure sets exit code 1. */
export function runAlone<K extends string>(program: Program<K>): void {
  const command = new Command(basename(process.argv[1] ?? '')).description(program.about);
  for (const [name, { about, value }] of Object.entries<NumberOption>(program.numbers)) {
    command.option(`--${name} <number>`, about, positiveInteger, value);
  }
  const numbers = command.parse().opts<Record<K | 'rounds', number>>();
  compareAlone(program.workload(numbers), numbers.rounds, program.warmUp).catch(reportFailure);
}

async function compareAlone(workload: Workload, rounds: number, warmUp?: Workload): Promise<void> {
  const comparison = await withProgress(runCount(workload, rounds), (begin) =>
    compare(workload, { rounds, warmUp, onRun: begin }),
  );
  console.log(formatReport([comparison]));
  console.log(legend);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a positive integer.');
}
