// The ways to evaluate a test's text. Each prepares what can be prepared, and returns what is to be
// run in a scope.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { harnessOf, type TestCase, type Variant } from './test-case.js';

/** A test that has been parsed. */
export type Evaluation = () => unknown;

const STRICT = '"use strict";\n';

// Tests in a row have the same harness.
const harness = new Map<string, string>();

function harnessText(root: string, file: string): string {
  let text = harness.get(file);
  if (text === undefined) {
    text = readFileSync(`${root}/harness/${file}`, 'utf8');
    harness.set(file, text);
  }
  return text;
}

/** The test as the body of a function, harness included. */
export function asFunction(root: string, test: TestCase, variant: Variant): Evaluation {
  const texts = harnessOf(test).map((file) => harnessText(root, file));
  const prologue = variant === 'strict' ? STRICT : '';
  const body = `${prologue}${texts.join('\n')}\n${test.source}`;
  const compiled = vm.compileFunction(body, [], { filename: test.path });
  const self = variant === 'strict' ? undefined : globalThis;
  return () => Reflect.apply(compiled, self, []);
}

// Modules are experimental in node:vm, and not in its types' contract for Node 20.
interface SourceTextModule {
  link(linker: (specifier: string, from: { identifier: string }) => unknown): Promise<void>;
  evaluate(): Promise<void>;
}
type ModuleConstructor = new (source: string, options: object) => SourceTextModule;

function moduleOf(file: string, source: string): SourceTextModule {
  const { SourceTextModule } = vm as unknown as { SourceTextModule: ModuleConstructor };
  return new SourceTextModule(source, { identifier: file });
}

/** The test as test262 says: the harness as scripts of this realm, then the test as one. */
export function asTopLevel(root: string, test: TestCase, variant: Variant): Evaluation {
  for (const file of harnessOf(test)) {
    vm.runInThisContext(harnessText(root, file), { filename: file });
  }
  if (variant === 'module') {
    const module = moduleOf(path.join(root, test.path), test.source);
    return async () => {
      await module.link((specifier, from) => {
        const file = path.resolve(path.dirname(from.identifier), specifier);
        return moduleOf(file, readFileSync(file, 'utf8'));
      });
      await module.evaluate();
    };
  }
  const prologue = variant === 'strict' ? STRICT : '';
  const script = new vm.Script(`${prologue}${test.source}`, { filename: test.path });
  return () => script.runInThisContext();
}
