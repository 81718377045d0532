import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type Kit, programSource } from '../../support/child.js';
import { QEMU } from './debian.js';
import { guestHelpers } from './guest.js';
import { type Machine, machineArguments } from './machines.js';
import type { Prepared } from './prepare.js';

/** What a program in a virtual machine has to work with. */
export type GuestKit = Kit & typeof import('./guest.js').guestHelpers;

/** Code for the virtual machine: source text, as with `Program` in test/support/child.ts. */
export type GuestProgram<Args extends readonly unknown[], Result> = (
  kit: GuestKit,
  ...args: Args
) => Result;

// Guards against speculation in the processor only make emulation slower.
const KERNEL_ARGUMENTS = ['console=ttyS0', 'quiet', 'panic=-1', 'mitigations=off'];
const BOOT_SECONDS = 240;
// No machine outlives its tests by much, even when they are killed.
const LIFETIME_SECONDS = 1800;

/** A virtual machine that runs programs with Node and arena-pirate, one after another. */
export class Vm {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  readonly #folder: string;
  #complaints = '';

  private constructor(prepared: Exclude<Prepared, { missing: string }>, machine: Machine) {
    const { qemu, kernel } = machineArguments(machine);
    this.#folder = mkdtempSync(join(tmpdir(), 'arena-pirate-vm-'));
    this.#process = spawn(
      'timeout',
      [
        ...['--kill-after=5', `${LIFETIME_SECONDS}`, QEMU, ...qemu],
        ...['-accel', 'tcg,thread=multi', '-nodefaults', '-nographic', '-no-reboot'],
        ...['-kernel', prepared.kernel, '-initrd', prepared.initramfs],
        ...['-append', [...KERNEL_ARGUMENTS, ...kernel].join(' ')],
        ...['-serial', `file:${this.#consoleFile}`, '-serial', 'stdio'],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#process.stderr.on('data', (text) => {
      this.#complaints += text;
    });
    // Writing to a machine that has died is an error event; run() reports the death.
    this.#process.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Starts a machine and waits until it takes programs. */
  static async boot(
    prepared: Exclude<Prepared, { missing: string }>,
    machine: Machine,
  ): Promise<Vm> {
    const vm = new Vm(prepared, machine);
    const slow = setTimeout(() => vm.#process.kill(), BOOT_SECONDS * 1000);
    try {
      while (!(await vm.#line('booting')).endsWith('ready'));
    } finally {
      clearTimeout(slow);
    }
    return vm;
  }

  /** Runs a program in a Node of its own and returns what it returns, by way of JSON. */
  async run<Args extends readonly unknown[], Result>(
    program: GuestProgram<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const source = programSource(program, args, { extras: guestHelpers });
    this.#process.stdin.write(`${Buffer.from(source).toString('base64')}\n`);
    const [, status, ...texts] = (await this.#line('running a program')).split(' ');
    const [output, answer] = texts.map((text) => Buffer.from(text, 'base64').toString());
    if (status !== '0' || !answer) {
      throw new Error(`a program in the virtual machine ended with ${status}:\n${output}`);
    }
    return JSON.parse(answer);
  }

  /** Switches the machine off. */
  async stop(): Promise<void> {
    this.#lines.close();
    if (this.#process.kill()) await once(this.#process, 'close');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #consoleFile(): string {
    return join(this.#folder, 'console');
  }

  async #line(activity: string): Promise<string> {
    const { value, done } = await this.#answers.next();
    if (!done) return value;
    const lastWords = readFileSync(this.#consoleFile, 'latin1').slice(-4000);
    throw new Error(`the virtual machine ended while ${activity}\n${this.#complaints}${lastWords}`);
  }
}
