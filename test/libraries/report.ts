/** What the program is to do. */
export interface Plan {
  /** The kind of scopes; left out for plain Node, which then never loads arena-pirate. */
  readonly release?: 'collected' | 'exit';
  /** @defaultValue 65 */
  readonly minBytes?: number;
  /** Whether libraries are loaded before the first scope or in one. @defaultValue 'before' */
  readonly load?: 'before' | 'inside';
  /** Whether what keeps memory is cured for `'exit'` scopes. @defaultValue true */
  readonly cured?: boolean;
  /** Whether scopes are in checked mode, see {@link LibraryReport.escapes}. @defaultValue false */
  readonly check?: boolean;
  /** Only these. @defaultValue all */
  readonly libraries?: readonly string[];
  /**
   * `'uses'`: all uses of each library, in two successive scopes and again after other scopes.
   * `'kept'`: only what makes a library keep memory, see {@link KeptReport}. @defaultValue 'uses'
   */
  readonly what?: 'uses' | 'kept';
}

/** Something that is referenced after its scope: the call stack that made it. */
export type Escape = string;

/** What a use gave back: a SHA-256 of all of it, and how it begins. */
export type Answer = string;

/** What came of the uses of a library. */
export interface LibraryReport {
  /** Of each use in each round, seen inside the scope and again, after other scopes, outside. */
  readonly answers: Readonly<Record<string, readonly Answer[]>>;
  /** How many arrays came from arenas. */
  readonly captured: number;
  /** What the checked mode found. */
  readonly escapes: readonly Escape[];
  readonly milliseconds: number;
}

/** What the checked mode found of one kind of memory that a library keeps. */
export interface KeptReport {
  readonly uncured: readonly Escape[];
  readonly cured: readonly Escape[];
  /** The same use outside all scopes, and cured in a scope that is not checked. */
  readonly answers: readonly [Answer, Answer];
}
