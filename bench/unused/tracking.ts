/**
 * Loaded before everything else in processes without the package in which somebody else uses an
 * AsyncLocalStorage: what no way of tracking scopes with one can undercut. From Node 24 on `'exit'` scopes have to be told
 * of callbacks, too, to end in them; before, the storage itself is.
 */
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const MILLISECONDS = 50;

new AsyncLocalStorage<object>().run({}, async () => {
  for (;;) await sleep(MILLISECONDS, undefined, { ref: false });
});

if (!('_propagate' in AsyncLocalStorage.prototype)) {
  const callbacks = { before() {}, trackPromises: false };
  createHook(callbacks).enable();
}
