import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, type RunOptions, run } from './support/run.js';

const { version } = createRequire(import.meta.url)('arena-pirate/package.json') as {
  version: string;
};

const cli = (args: string[], options?: RunOptions) =>
  run(process.execPath, [join(packageRoot, 'dist/cli.js'), ...args], options);

describe('arena-pirate', () => {
  it('prints the version of the package for --version', () => {
    expect(cli(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('names the build command in --help', () => {
    const { status, stdout } = cli(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}build\b/m);
  });

  it('is not stopped by a mistake in the environment', () => {
    const env = { ARENA_PIRATE_MIN_BYTES: 'plenty' };
    expect(cli(['build', '--help'], { env })).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = cli(['threads'], { env });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: Expected .* for ARENA_PIRATE_MIN_BYTES but received 'plenty'/);
  });

  it.each([
    ['an unknown command', ['plunder'], /unknown command 'plunder'/],
    ['an unknown option', ['build', '--plunder'], /unknown option '--plunder'/],
    ['an excess argument', ['build', 'plunder'], /too many arguments/],
    ['no command', [], /Usage: arena-pirate/],
  ])('exits with 2 and says why for %s', (_name, args, message) => {
    const { status, stdout, stderr } = cli(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});

describe('arena-pirate build', () => {
  it('names every tool that is missing and touches nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-tools-'));
    try {
      symlinkSync('/bin/true', join(folder, 'make'));
      const { status, stderr } = cli(['build'], {
        env: { PATH: folder, MAKE: '', CXX: 'no-such-compiler -O0', PYTHON: 'no-such-python' },
      });
      expect(status).toBe(1);
      expect(stderr).toMatch(/not found: no-such-python, no-such-compiler\./);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('arena-pirate threads', () => {
  it('draws the machine with the thread of the command in it, without colours', () => {
    const { status, stdout, stderr } = cli(['threads']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Socket \d+\n {2}NUMA node \d+, .*\n {4}\[.*T0/m);
    expect(stdout).toMatch(/^thread +tid +cpu +core +socket +node +may run on\n +T0 /m);
    expect(stdout).not.toContain('\x1b');
  });

  it('draws a plan for so many threads', () => {
    const { status, stdout } = cli(['threads', '--pin', 'cores', '--threads', '3']);
    expect(status).toBe(0);
    expect(stdout.match(/^ +T\d /gm)).toHaveLength(3);
  });

  it.each(['numa(0)', 'numa(0, [0])', 'numas()'])('draws a plan for the place %s', (place) => {
    const { status, stdout } = cli(['threads', '--pin', place]);
    expect(status).toBe(0);
    expect(stdout.match(/^ +T\d /gm)).toHaveLength(1);
  });

  it('uses colours when it is told that they are seen', () => {
    const { stdout } = cli(['threads', '--pin', 'cores'], { env: { FORCE_COLOR: '1' } });
    expect(stdout).toContain('\x1b[');
  });

  it.each([
    ['a strategy', ['--pin', 'plunder'], /for strategy but received 'plunder'/],
    ['a node', ['--pin', 'numa', '--node', '99'], /for node but received 99/],
    ['a node that is no number', ['--pin', 'numa', '--node', 'x'], /--node <id>' argument 'x' is/],
    ['no threads', ['--pin', 'numa', '--threads', '0'], /Expected an integer of 1 or more/],
    ['a number of threads without a plan', ['--threads', '2'], /Expected --pin with --threads/],
  ])('exits with 2 for %s that makes no sense', (_name, args, message) => {
    const { status, stdout, stderr } = cli(['threads', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

describe('arena-pirate run', () => {
  const seen = `
    const { readFileSync } = require('node:fs');
    const [, cpus] = /^Cpus_allowed_list:\\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    console.log(JSON.stringify({ cpus, args: process.argv.slice(2) }));`;

  let folder: string;
  let program: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-run-'));
    program = join(folder, 'server.js');
    writeFileSync(program, seen);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('starts a program registered, and hands it all arguments behind its name', () => {
    const { status, stdout, stderr } = cli(['run', program, '--pin', 'x', '--', '-v']);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ args: ['--pin', 'x', '--', '-v'] });
  });

  it('has libraries capture replaced constructors', () => {
    const code = `
      const Captured = Float64Array;
      const { arena, isArenaArray } = require(${JSON.stringify(packageRoot)});
      console.log(isArenaArray(arena.sync(() => new Captured(1000))));`;
    expect(cli(['run', '--', '--eval', code])).toMatchObject({ status: 0, stdout: 'true\n' });
  });

  it.skipIf(process.platform !== 'linux').each([
    ['on a node', ['--pin', 'numa', '--node', '0', '--threads', 'all']],
    ['at a place', ['--pin', 'numas()']],
    ['where it is', ['--pin', 'current']],
  ])('pins it, %s', (_name, options) => {
    const { stdout, stderr } = cli(['run', ...options, program]);
    expect(stderr).toBe('');
    const { cpus } = JSON.parse(stdout);
    expect(cpus).toMatch(/^\d+$/);
  });

  it.each([
    ['an exit status', 'process.exit(7)', { status: 7, signal: null }],
    ['a signal', "process.kill(process.pid, 'SIGTERM')", { status: null, signal: 'SIGTERM' }],
  ])('ends with %s of the program', (_name, code, end) => {
    writeFileSync(join(folder, 'end.js'), `${code}; setTimeout(() => {}, 10_000);`);
    expect(cli(['run', join(folder, 'end.js')])).toMatchObject(end);
  });

  it('passes a signal on to the program', async () => {
    const code = `
      process.on('SIGTERM', () => { console.log('saved'); process.exit(3); });
      setInterval(() => {}, 1000);
      console.log('ready');`;
    writeFileSync(join(folder, 'serve.js'), code);
    const command = [join(packageRoot, 'dist/cli.js'), 'run', join(folder, 'serve.js')];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      if (output === 'ready\n') child.kill('SIGTERM');
    });
    const [status] = await once(child, 'close');
    expect([status, output]).toEqual([3, 'ready\nsaved\n']);
  });

  it.each([
    ['a strategy', ['--pin', 'plunder', 'x.js'], /for strategy but received 'plunder'/],
    ['a node', ['--pin', 'numa', '--node', '99', 'x.js'], /for node but received 99/],
    ['a node for where it is', ['--pin', 'current', '--node', '99', 'x.js'], /but received 99/],
    ['a node without a strategy', ['--node', '0', 'x.js'], /Expected --pin with --node/],
    ['no program', ['--pin', 'numa'], /missing required argument 'program'/],
  ])('exits with 2 and starts nothing for %s that makes no sense', (_name, args, message) => {
    const { status, stdout, stderr } = cli(['run', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
