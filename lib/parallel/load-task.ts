import Module from 'node:module';
import path from 'node:path';
import { ArenaError } from '../errors.js';
import type { TaskMessage } from './protocol.js';

/** A task in the thread that runs it. */
export type LoadedTask = (item: unknown, index: number) => unknown;

// A pool of the user's own may see many tasks; a map keeps them in the order of their coming.
const MOST_KEPT = 100;
const loaded = new Map<string, LoadedTask>();

/**
 * @returns the task; the same function each time, with what it has learnt
 * @throws {@link ArenaError} `ERR_ARENA_TASK_NOT_LOADED`, `ERR_ARENA_TASK_NOT_PORTABLE`
 */
export async function loadTask(message: TaskMessage): Promise<LoadedTask> {
  const key =
    message.kind === 'module'
      ? JSON.stringify([message.url, message.name])
      : `${message.strict} ${message.source}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const task =
    message.kind === 'module'
      ? await importTask(message.url, message.name)
      : compile(message.source, message.strict, message.globals);
  loaded.set(key, task);
  const [oldest] = loaded.keys();
  if (loaded.size > MOST_KEPT) loaded.delete(oldest as string);
  return task;
}

type Exports = Readonly<Record<string, unknown>> | undefined | null;

async function importTask(url: string, name: string | undefined): Promise<LoadedTask> {
  let exports: Exports;
  try {
    exports = await import(url);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `The module ${url} cannot be loaded: ${why}`;
    throw new ArenaError('ERR_ARENA_TASK_NOT_LOADED', message, { cause });
  }
  const found = exportOf(exports, name);
  if (typeof found === 'function') return found as LoadedTask;
  const names = Object.keys(exports ?? {}).join(', ') || 'nothing';
  throw new ArenaError(
    'ERR_ARENA_TASK_NOT_LOADED',
    `Expected a function as ${name === undefined ? 'the default export' : `export '${name}'`} of ` +
      `${url}, which exports ${names}. Name the export: { module, name }`,
  );
}

// Of a CommonJS module, `import` shows module.exports as the default export, and its members only
// as far as they can be seen without running it.
function exportOf(exports: Exports, name: string | undefined): unknown {
  const commonJs = exports?.default as Exports;
  if (name !== undefined) return exports?.[name] ?? commonJs?.[name];
  return typeof commonJs === 'function' ? commonJs : commonJs?.default;
}

function compile(source: string, strict: boolean, globals: readonly string[]): LoadedTask {
  const missing = globals.filter((name) => !(name in globalThis));
  if (missing.length > 0) {
    throw new ArenaError(
      'ERR_ARENA_TASK_NOT_PORTABLE',
      `The function uses ${missing.join(', ')}, which the worker does not have. Put the function ` +
        'into a module and give that: { module, name }',
    );
  }
  return evaluate(source, strict) as LoadedTask;
}

// As a CommonJS module of the working directory: require() and import() start from there, as in code
// given to `new Worker(code, { eval: true })`.
function evaluate(source: string, strict: boolean): unknown {
  const folder = process.cwd();
  const filename = path.join(folder, 'mtMapArena-task');
  const module = new Module(filename) as CompilingModule;
  module.filename = filename;
  module.paths = NodeModule._nodeModulePaths(folder);
  module._compile(`${strict ? "'use strict';" : ''}module.exports = (${source}\n);`, filename);
  return module.exports;
}

// What `require` itself uses; documented nowhere, and for that reason kept as it is.
type CompilingModule = Module & { _compile(source: string, filename: string): void };
const NodeModule = Module as unknown as { _nodeModulePaths(folder: string): string[] };
