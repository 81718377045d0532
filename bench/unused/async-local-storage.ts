/**
 * Loaded before everything else in processes without the package in which somebody else uses an
 * AsyncLocalStorage: what no way of tracking scopes with one can undercut.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const MILLISECONDS = 50;

new AsyncLocalStorage<object>().run({}, async () => {
  for (;;) await sleep(MILLISECONDS, undefined, { ref: false });
});
