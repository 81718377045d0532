import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/numa-vm/**/*.test.ts'],
    globalSetup: 'test/numa-vm/support/prepare.ts',
    pool: 'forks',
    // An emulated machine keeps every core of a small host busy by itself.
    fileParallelism: false,
    reporters: ['verbose'],
    testTimeout: 150_000,
    hookTimeout: 300_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
