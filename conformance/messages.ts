import type { Variant } from './test-case.js';

/** The surroundings in which tests run. */
export const PASSES = ['plain', 'outside', 'collected', 'exit'] as const;

/** `plain` never loads the package, `outside` opens no scope, the others are kinds of scope. */
export type Pass = (typeof PASSES)[number];

/** What a runner process is asked to run. */
export interface Job {
  readonly path: string;
  readonly variant: Variant;
  /**
   * Whether as test262 says: harness and test as scripts of a realm of their own. Otherwise as the
   * body of a function, in a realm that other tests have been in and that is put back after it.
   */
  readonly alone: boolean;
}

/** What became of a {@link Job}. */
export interface Answer {
  /** Why it failed, undefined when it passed. */
  readonly failure?: string;
  /** Whether the process can run another one. */
  readonly reusable: boolean;
}
