import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

/** A file of an installed npm package. */
export function packageFile(name: string, ...path: string[]): Buffer {
  return readFileSync(join(packageFolder(name), ...path));
}

/** The type declarations of Node's API: dozens of text files of 1 to 200 KB. */
export function declarationFiles(): ReadonlyMap<string, Buffer> {
  const folder = packageFolder('@types/node');
  const names = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name))]));
}

/** Machine code: up to `length` bytes from the middle of the Node executable that runs this. */
export function nodeExecutablePart(length: number): Buffer {
  const file = openSync(process.execPath, 'r');
  try {
    const start = Math.max(0, Math.floor((fstatSync(file).size - length) / 2));
    const part = Buffer.alloc(length);
    return part.subarray(0, readSync(file, part, 0, length, start));
  } finally {
    closeSync(file);
  }
}

/** Found by hand because `exports` hides most files of a package from `require.resolve`. */
function packageFolder(name: string): string {
  const folders = require.resolve.paths(name) ?? [];
  const folder = folders.map((path) => join(path, name)).find((path) => existsSync(path));
  if (folder === undefined)
    throw new Error(`The package ${name} is not installed: run npm install`);
  return folder;
}
