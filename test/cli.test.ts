import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
