import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:numa` runs these, in virtual machines.
    exclude: [...configDefaults.exclude, 'test/numa-vm/**'],
    // Processes, not threads: a crash of native code must name its test file, not end the run.
    pool: 'forks',
    // Most tests wait for processes that they have started: one worker less than there are cpus, as
    // vitest has it, leaves half of a small machine idle.
    maxWorkers: '100%',
    execArgv: ['--expose-gc'],
    // As long as their processes may take (test/support/child.ts): a shared machine is at times four times slower than
    // it was, and what hangs fails in a minute as well.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests use the built package by its own name. Node must load it, not vite's module runner, so
    // that `import` and `require` meet the same module instances.
    server: { deps: { external: [/\/dist\//] } },
  },
});
