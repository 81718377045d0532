import { createRequire } from 'node:module';
import * as esm from 'arena-pirate';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const cjs = require('arena-pirate') as Record<string, unknown>;

describe('the ESM wrapper', () => {
  it('exports every name of the CommonJS core and no other', () => {
    expect(Object.keys(esm).sort()).toEqual(Object.keys(cjs).sort());
  });

  it('hands out the same objects as require does', () => {
    for (const [name, value] of Object.entries(esm)) expect(value, name).toBe(cjs[name]);
  });

  it('shares its state with the CommonJS core', () => {
    const { noArena, arena } = esm;
    const { currentArena } = cjs as typeof esm;
    arena.sync(() => {
      expect(currentArena()).toBeDefined();
      noArena(() => expect(currentArena()).toBeUndefined());
    });
  });
});
