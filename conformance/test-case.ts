import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What a test of test262 says about itself; see INTERPRETING.md there. */
export interface TestCase {
  /** Relative to the checkout, with slashes. */
  readonly path: string;
  readonly source: string;
  readonly flags: ReadonlySet<string>;
  /** Files of `harness/`. */
  readonly includes: readonly string[];
  /** The error that the test must end with. */
  readonly negative: { readonly phase: string; readonly type: string } | undefined;
}

const FRONTMATTER = /\/\*---\r?\n([\s\S]*?)---\*\//;

/** Whether a file of a checkout is a test, and not something that tests load. */
export function isTest(path: string): boolean {
  return path.endsWith('.js') && !path.endsWith('_FIXTURE.js');
}

/** Reads one test. Throws when it has no frontmatter. */
export function readTest(root: string, path: string): TestCase {
  const source = readFileSync(`${root}/${path}`, 'utf8');
  const text = FRONTMATTER.exec(source)?.[1];
  if (text === undefined) throw new Error(`Expected frontmatter in ${path} but found none`);
  const { flags = [], includes = [], negative } = parse(text.replaceAll('\r', ''));
  return { path, source, flags: new Set(flags), includes, negative };
}

/** How a test is to be run: once as sloppy and once as strict code, unless it says otherwise. */
export type Variant = 'sloppy' | 'strict' | 'raw' | 'module';

/** The ways in which a test is to be run. It passes when it passes in each. */
export function variantsOf({ flags }: TestCase): Variant[] {
  if (flags.has('raw')) return ['raw'];
  if (flags.has('module')) return ['module'];
  if (flags.has('onlyStrict')) return ['strict'];
  return flags.has('noStrict') ? ['sloppy'] : ['sloppy', 'strict'];
}

/** The harness files of a test, in the order in which they are to be evaluated. */
export function harnessOf({ flags, includes }: TestCase): string[] {
  if (flags.has('raw')) return [];
  const files = ['assert.js', 'sta.js', ...includes];
  if (flags.has('async')) files.push('doneprintHandle.js');
  return [...new Set(files)];
}
