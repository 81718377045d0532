import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { CannotPrepare, debianFiles, installQemu } from './debian.js';
import { buildImage } from './image.js';

/** What every virtual machine is started from, or why there can be none. */
export type Prepared =
  | { readonly kernel: string; readonly initramfs: string }
  | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    prepared: Prepared;
  }
}

function progress(step: string): void {
  console.log(`test:numa: ${step}`);
}

async function prepare(folder: string): Promise<Prepared> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: `only on x64 Linux, not on ${process.arch} ${process.platform}` };
  }
  try {
    await installQemu(progress);
    const files = await debianFiles(progress);
    progress(`packing Node ${process.versions.node} and the package for the virtual machines`);
    return { kernel: files.kernel, initramfs: buildImage(files, folder) };
  } catch (error) {
    if (error instanceof CannotPrepare) return { missing: error.message };
    throw error;
  }
}

/** Vitest's global setup: what is missing is installed through apt once for all test files. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-numa-'));
  const prepared = await prepare(folder);
  if ('missing' in prepared) console.log(`skipped: ${prepared.missing}`);
  project.provide('prepared', prepared);
  return () => rmSync(folder, { recursive: true, force: true });
}
