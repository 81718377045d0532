import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Libraries that bring another malloc, by what their file begins with. */
const LIBRARIES = { jemalloc: 'libjemalloc.so.', mimalloc: 'libmimalloc.so.' } as const;
export type Malloc = keyof typeof LIBRARIES;
export const MALLOCS = Object.keys(LIBRARIES) as Malloc[];

/** Their Debian packages, of which one has to be there. */
const PACKAGES: Readonly<Record<Malloc, readonly string[]>> = {
  jemalloc: ['libjemalloc2'],
  mimalloc: ['libmimalloc3', 'libmimalloc2.0'],
};

// This file is compiled to out/bench/processes/.
const CACHE = join(__dirname, '../../../node_modules/.cache/malloc');
const MULTIARCH = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const FOLDERS = ['/usr/local/lib', `/usr/lib/${MULTIARCH}`, '/usr/lib64', '/usr/lib'];
const TIMEOUT_MILLISECONDS = 30_000;

/** The library, or why it is not there. */
export type Preload = { readonly library: string } | { readonly missing: string };

/**
 * Looks for the library in the system and in node_modules/.cache.
 *
 * @param fetch - whether to bring it there from Debian where it is in neither: nothing is installed
 */
export async function findPreload(malloc: Malloc, fetch: boolean): Promise<Preload> {
  const found = search(malloc);
  if (found !== undefined) return { library: found };
  if (!fetch) return { missing: `${LIBRARIES[malloc]}* is not installed` };
  let missing = '';
  for (const name of PACKAGES[malloc]) {
    try {
      await bring(name);
    } catch (error) {
      missing = `apt-get download ${name} failed: ${firstLine(error)}`;
      continue;
    }
    const library = search(malloc);
    if (library !== undefined) return { library };
    missing = `${name} has no ${LIBRARIES[malloc]}*`;
  }
  return { missing };
}

function search(malloc: Malloc): string | undefined {
  for (const folder of [...FOLDERS, join(CACHE, 'usr/lib', MULTIARCH)]) {
    const name = filesIn(folder).find((file) => file.startsWith(LIBRARIES[malloc]));
    if (name !== undefined) return join(folder, name);
  }
  return undefined;
}

async function bring(name: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const options = { cwd: CACHE, timeout: TIMEOUT_MILLISECONDS };
  await promisify(execFile)('apt-get', ['download', name], options);
  for (const file of filesIn(CACHE).filter((file) => file.startsWith(`${name}_`))) {
    await promisify(execFile)('dpkg', ['-x', file, '.'], options);
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n')[0] as string;
}
