import { type AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { outermostFrame } from './call-stack.js';

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];

// Node loads, links and evaluates the modules of an `import()` in the async context of its caller. From
// 22.4 on it tells of that beforehand, on a channel that can give it another context.
const TOLD = major > 22 || (major === 22 && minor >= 4);

const JOB = 'internal/modules/esm/module_job';

const IMPORT = 'tracing:module.import:start';

/** Gives what `import()` does, the evaluation of modules included, the context that `inside` returns. */
export function bindImports<Store>(
  storage: AsyncLocalStorage<Store>,
  inside: () => Store | undefined,
): void {
  if (TOLD) channel(IMPORT).bindStore(storage, inside as () => Store);
}

/** Ends what {@link bindImports} has begun. */
export function unbindImports<Store>(storage: AsyncLocalStorage<Store>): void {
  if (TOLD) channel(IMPORT).unbindStore(storage);
}

let hasImports = false;
let loadedBefore = 0;
let answered = -1;

/**
 * Whether what runs now is an ES module that is evaluated by `import()` in a context that
 * {@link bindImports} could not change. Asked where the async context decides; once per continuation
 * it looks at the stack.
 */
export function inUnboundImport(): boolean {
  if (TOLD) return false;
  const id = executionAsyncId();
  if (id === answered) return false;
  answered = id;
  return canImport() && isModule(outermostFrame());
}

// Node loads its loader of ES modules when it is first needed.
function canImport(): boolean {
  if (hasImports) return true;
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  if (moduleLoadList?.length === loadedBefore) return false;
  loadedBefore = moduleLoadList?.length ?? 0;
  hasImports = moduleLoadList?.includes(`NativeModule ${JOB}`) ?? true;
  return hasImports;
}

// Up to its first top-level await a module is called by Node's job, after that by nobody.
function isModule(frame: NodeJS.CallSite | undefined): boolean {
  if (frame === undefined) return false;
  return frame.getFileName() === `node:${JOB}` || isTopLevel(frame);
}

// Functions start later in their files. What a script that is nothing but a function allocates is left to V8.
function isTopLevel(frame: NodeJS.CallSite): boolean {
  const { getEnclosingLineNumber: line, getEnclosingColumnNumber: column } = frame as EnclosedSite;
  return frame.getFunctionName() === null && line.call(frame) === 1 && column.call(frame) === 1;
}

interface EnclosedSite extends NodeJS.CallSite {
  getEnclosingLineNumber(): number;
  getEnclosingColumnNumber(): number;
}
