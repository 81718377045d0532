import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { Machine } from './machines.js';
import { Vm } from './vm.js';

/** What tests may do with the machine of their group. */
export type Guest = Pick<Vm, 'run'>;

/** A group of tests on one emulated machine; skipped, and named so, where there can be none. */
export function onMachine(name: string, machine: Machine, tests: (guest: Guest) => void): void {
  const prepared = inject('prepared');
  if ('missing' in prepared) {
    describe.skip(`${name} (skipped: ${prepared.missing})`, () => tests({ run: unreachable }));
    return;
  }
  describe(name, () => {
    let vm: Vm | undefined;
    beforeAll(async () => {
      vm = await Vm.boot(prepared, machine);
    });
    afterAll(() => vm?.stop());
    tests({ run: (program, ...args) => vm?.run(program, ...args) ?? unreachable() });
  });
}

function unreachable(): never {
  throw new Error('no test runs without its machine');
}
