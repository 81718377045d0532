import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../support/run.js';
import type { DebianFiles } from './debian.js';

function copyInto(folder: string, source: string, target: string): void {
  const path = join(folder, target);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(realpathSync(source), path);
}

function sharedLibraries(program: string): string[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listing.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library as string);
}

// As they would be at a user's, so that a dependency missing from package.json is missed here too.
function dependencyFolders(): string[] {
  const { packages } = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
    .map(([path]) => path);
}

/**
 * Makes the archive that a kernel unpacks as its root file system: this Node, busybox, and the
 * built package in `/package`.
 *
 * @param folder - an empty folder to work in
 * @returns the archive's path
 */
export function buildImage({ busybox }: DebianFiles, folder: string): string {
  const root = join(folder, 'root');
  for (const name of ['bin', 'dev', 'package', 'proc', 'sys', 'tmp']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyInto(root, fileURLToPath(new URL('init.sh', import.meta.url)), 'init');
  copyInto(root, busybox, 'bin/busybox');
  copyInto(root, process.execPath, 'bin/node');
  for (const library of sharedLibraries(process.execPath)) copyInto(root, library, library);
  for (const program of ['init', 'bin/busybox', 'bin/node']) chmodSync(join(root, program), 0o755);
  for (const path of ['package.json', 'dist', 'build/Release/arena_pirate.node']) {
    cpSync(join(packageRoot, path), join(root, 'package', path), { recursive: true });
  }
  for (const path of dependencyFolders()) {
    cpSync(join(packageRoot, path), join(root, 'package', path), { recursive: true });
  }

  const image = join(folder, 'initramfs');
  const output = openSync(image, 'w');
  try {
    execFileSync('sh', ['-c', 'find . | "$0" cpio -o -H newc', busybox], {
      cwd: root,
      stdio: ['ignore', output, 'pipe'],
    });
  } finally {
    closeSync(output);
  }
  rmSync(root, { recursive: true });
  return image;
}
