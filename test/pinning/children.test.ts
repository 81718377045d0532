import { expect, it } from 'vitest';
import { inChild, tryInChild } from '../support/child.js';
import { describePinning, usableCpus } from '../support/pinning.js';

const [first, second] = usableCpus as [number, number];

describePinning('child processes of a pinned thread', () => {
  it('get the mask of the start, and the thread keeps its cpu', async () => {
    const seen = await inChild(
      async ({ messageOf, startWorker, ...kit }, first, second) => {
        const { execFile } = process.getBuiltinModule('node:child_process');
        const start = kit.taskCpus()[process.pid];
        kit.pinThreads([second, first]);
        const spawn = () =>
          new Promise<string>((resolve, reject) => {
            execFile('grep', ['Cpus_allowed_list', '/proc/self/status'], (error, stdout) =>
              error ? reject(error) : resolve(stdout.replace(/^\S+\s+|\s+$/g, '')),
            );
          });
        const running = [spawn(), spawn()];
        await new Promise((resolve) => setImmediate(resolve));
        const own = kit.getAffinity();
        const children = await Promise.all(running);
        kit.unpinThreads();
        children.push(await spawn());
        return { start, own, children, after: kit.getAffinity() };
      },
      {},
      first,
      second,
    );
    expect(seen.own).toEqual([second]);
    expect(seen.children).toEqual(Array(3).fill(seen.start));
    expect(seen.after).toEqual(usableCpus);
  });

  it('that fail to start leave it pinned, and a plan of the same turn holds', async () => {
    const seen = await inChild(
      async (kit, first, second) => {
        const { spawn } = process.getBuiltinModule('node:child_process');
        kit.pinThreads([second]);
        spawn('/no/such/program').on('error', () => {});
        await new Promise((resolve) => setImmediate(resolve));
        const failed = kit.getAffinity();
        spawn('true');
        kit.pinThreads([first]);
        await new Promise((resolve) => setImmediate(resolve));
        const planned = kit.getAffinity();
        spawn('true');
        kit.unpinThreads();
        await new Promise((resolve) => setImmediate(resolve));
        return [failed, planned, kit.getAffinity()];
      },
      {},
      first,
      second,
    );
    expect(seen).toEqual([[second], [first], usableCpus]);
  });

  it('are not pinned by the variables that have pinned their parent, nor warned of any', async () => {
    const { answer, stderr } = await tryInChild(
      async (kit) => {
        const { fork } = process.getBuiltinModule('node:child_process');
        const code = `
          const { getAffinity } = require('arena-pirate');
          process.send(getAffinity());`;
        const child = fork('-e', [code], { execArgv: [] });
        const cpus = await new Promise((resolve) => child.once('message', resolve));
        const worker = kit.startWorker(() => 0);
        await new Promise((resolve) => worker.once('exit', resolve));
        return { own: kit.getAffinity(), cpus };
      },
      { env: { ARENA_PIRATE_PIN: 'cores', ARENA_PIRATE_PIN_THREADS: 'javascript' } },
    );
    expect(JSON.parse(answer)).toEqual({ own: [first], cpus: usableCpus });
    expect(stderr).toBe('');
  });
});

const hasExecve = 'execve' in process;

describePinning(
  `a program that replaces the process of a pinned thread${hasExecve ? '' : ' (skipped: no process.execve here)'}`,
  () => {
    it.skipIf(!hasExecve)('gets the mask of the start', async () => {
      const { stdout } = await tryInChild(
        (kit, second) => {
          const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
          const { execve } = process as unknown as {
            execve(file: string, args: readonly string[]): void;
          };
          const start = readFileSync('/proc/self/status', 'latin1');
          kit.pinThreads([second]);
          console.log(/Cpus_allowed_list.*/.exec(start)?.[0]);
          const grep = ['/usr/bin/grep', '/bin/grep'].find(existsSync) as string;
          execve(grep, ['grep', 'Cpus_allowed_list', '/proc/self/status']);
        },
        {},
        second,
      );
      const [start, after] = stdout.split('\n');
      expect(start).toMatch(/^Cpus_allowed_list:\s/);
      expect(after).toBe(start);
    });
  },
);
