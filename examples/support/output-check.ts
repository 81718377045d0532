import { DifferentOutputError } from './failures.js';
import type { Workload } from './workload.js';

/** The first output of a workload, which is the plain one, is what all others have to be. */
export class OutputCheck {
  readonly #expected = new Map<Workload, string>();

  /** @throws {DifferentOutputError} when an output is not like those before it. */
  accept(workload: Workload, variant: string, sha256: string): void {
    const expected = this.#expected.get(workload);
    if (expected === undefined) this.#expected.set(workload, sha256);
    else if (sha256 !== expected) {
      throw new DifferentOutputError(workload.name, variant, expected, sha256);
    }
  }

  /** The output that all runs of the workload gave. */
  expected(workload: Workload): string {
    const sha256 = this.#expected.get(workload);
    if (sha256 === undefined) throw new RangeError('Expected at least one round');
    return sha256;
  }
}
