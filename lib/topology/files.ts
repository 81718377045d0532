import fs from 'node:fs';
import path from 'node:path';
import { parseCpuList, parseCpuMask } from './cpu-sets.js';

/**
 * The files of a machine, running or recorded. What cannot be read or makes no sense is undefined:
 * every file is missing on some kernel.
 */
export class MachineFiles {
  readonly root: string;

  /** @param root the folder that has `sys/` and `proc/` */
  constructor(root: string) {
    this.root = root;
  }

  #path(name: string): string {
    return path.join(this.root, name);
  }

  /** @returns the text of a file, without the white space around it */
  text(name: string): string | undefined {
    try {
      // Some recordings end in NULs.
      const [text] = fs.readFileSync(this.#path(name), 'utf8').split('\0', 1) as [string];
      return text.trim();
    } catch {
      return undefined;
    }
  }

  /** @returns the integer that a file consists of */
  integer(name: string): number | undefined {
    const text = this.text(name);
    return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  /** @returns the ids in a file such as `online`: `0-3,8` */
  list(name: string): number[] | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseCpuList(text);
  }

  /** @returns the ids in a file such as `cpumap`: `00000003,ffffffff` */
  mask(name: string): number[] | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseCpuMask(text);
  }

  /** @returns the names in a folder; none when there is no such folder */
  names(folder: string): string[] {
    try {
      return fs.readdirSync(this.#path(folder));
    } catch {
      return [];
    }
  }

  /** @returns the numbers of the entries of a folder that are called `prefix` and a number, ascending */
  numbers(folder: string, prefix: string): number[] {
    return this.names(folder)
      .filter((name) => name.startsWith(prefix) && /^\d{1,5}$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => a - b);
  }
}
