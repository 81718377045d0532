import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../support/run.js';

/** The emulator, which has to be installed. */
export const QEMU = 'qemu-system-x86_64';
const KERNEL_PACKAGE = 'linux-image-cloud-amd64';
const SHELL_PACKAGE = 'busybox-static';

/** Files from Debian's packages that a virtual machine is made of. */
export interface DebianFiles {
  /** A compressed kernel. */
  readonly kernel: string;
  /** A busybox that needs no libraries. */
  readonly busybox: string;
}

/** Why there can be no virtual machine here. */
export class CannotPrepare extends Error {}

async function command(file: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, args, {
      cwd,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    const errors = stderr.split('\n').filter((line) => line.startsWith('E:'));
    const reason = code === 'ENOENT' ? 'not found' : errors.join(' ') || `ended with ${code}`;
    throw new CannotPrepare(`${[file, ...args].join(' ')}: ${reason}`, { cause });
  }
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await command(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}

// apt's lists of packages may be missing, or older than what its mirrors still have.
async function withFreshLists<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch {
    await command('apt-get', ['update', '-qq']);
    return use();
  }
}

/** Installs the emulator unless it is there. */
export async function installQemu(progress: (step: string) => void): Promise<void> {
  if (await isInstalled(QEMU)) return;
  progress('installing qemu-system-x86 (apt-get)');
  await withFreshLists(() =>
    command('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'qemu-system-x86']),
  );
}

// The package named is empty and depends on the one of the kernel's version.
async function kernelPackage(): Promise<string> {
  const dependencies = await command('apt-cache', ['depends', '--important', KERNEL_PACKAGE]);
  const name = /Depends: (linux-image-\S+)/.exec(dependencies)?.[1];
  if (name === undefined) throw new CannotPrepare(`apt-cache finds no package ${KERNEL_PACKAGE}`);
  return name;
}

// Unpacked beside the system instead of installed: a kernel in /boot, or a busybox in place of
// another, is nothing that a test may leave behind.
async function unpack(name: string, folder: string): Promise<void> {
  await command('apt-get', ['download', '-qq', name], folder);
  const archive = readdirSync(folder).find((file) => file.startsWith(`${name}_`));
  if (archive === undefined) throw new CannotPrepare(`apt-get download ${name} left no file`);
  await command('dpkg-deb', ['--extract', archive, 'unpacked'], folder);
}

function findFile(folder: string, pattern: RegExp): string {
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    pattern.test(file),
  );
  if (name === undefined) throw new CannotPrepare(`no ${pattern.source} in Debian's packages`);
  return join(folder, name);
}

/** The kernel and the shell of the virtual machines, kept in node_modules/.cache. */
export async function debianFiles(progress: (step: string) => void): Promise<DebianFiles> {
  const cache = join(packageRoot, 'node_modules/.cache/arena-pirate-numa');
  const files = { kernel: join(cache, 'vmlinuz'), busybox: join(cache, 'busybox') };
  if (existsSync(files.kernel) && existsSync(files.busybox)) return files;

  progress(`downloading ${KERNEL_PACKAGE} and ${SHELL_PACKAGE} (apt-get)`);
  const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-debian-'));
  try {
    await withFreshLists(async () => unpack(await kernelPackage(), folder));
    await withFreshLists(() => unpack(SHELL_PACKAGE, folder));
    mkdirSync(cache, { recursive: true });
    const unpacked = join(folder, 'unpacked');
    for (const [file, pattern] of [
      [files.kernel, /^boot\/vmlinuz-[^/]+$/],
      [files.busybox, /(^|\/)bin\/busybox$/],
    ] as const) {
      // A rename is all or nothing; the temporary folder may be on another file system.
      copyFileSync(findFile(unpacked, pattern), `${file}.new`);
      renameSync(`${file}.new`, file);
    }
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
