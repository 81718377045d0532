import type { Variant } from './variant.js';

/** Something the demo claims is not so: the program says it and exits with 1. */
export class BrokenClaimError extends Error {
  override readonly name: string = 'BrokenClaimError';
}

/** A variant gave another answer than plain Node. */
export class DifferentOutputError extends BrokenClaimError {
  override readonly name = 'DifferentOutputError';

  constructor(workload: string, variant: string, expected: string, actual: string) {
    super(
      `${workload}: '${variant}' does not give the same output as plain Node:\n` +
        `  plain      SHA-256 ${expected}\n  ${variant.padEnd(9)}  SHA-256 ${actual}`,
    );
  }
}

/** An arena variant allocated nothing from arenas, so its figures say nothing about them. */
export class NothingCapturedError extends BrokenClaimError {
  override readonly name = 'NothingCapturedError';

  constructor(workload: string, variant: Variant) {
    super(`${workload}: '${variant}' took no memory from an arena`);
  }
}

/** Ends a program that failed: a broken claim needs no stack trace, anything else is a bug and does. */
export function reportFailure(error: unknown): void {
  console.error(error instanceof BrokenClaimError ? error.message : error);
  process.exitCode = 1;
}
