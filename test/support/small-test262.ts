// A checkout of test262 as small as can be, of our own making: what the runner must get right, one
// thing a test.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where its tests are. */
export const TESTS = 'test/built-ins/TypedArray';

const harness: Record<string, string> = {
  'assert.js': `
function assert(value, message) {
  if (value !== true) throw new Test262Error(message);
}
assert.sameValue = (actual, expected) =>
  assert(Object.is(actual, expected), \`Expected \${String(expected)} but received \${String(actual)}\`);`,
  'sta.js': `
function Test262Error(message) {
  this.message = message;
}`,
  'doneprintHandle.js': `
function $DONE(error) {
  print(error ? \`Test262:AsyncTestFailure:\${error.message}\` : 'Test262:AsyncTestComplete');
}`,
  'lexical.js': `
// Evaluated twice in a realm, this would be an error.
const FIVE = 5;`,
};

const tests: Record<string, string> = {
  'passes.js': `
/*---
description: runs as sloppy and as strict code
includes: [lexical.js]
---*/
assert.sameValue(new Float64Array(FIVE).length, 5);`,
  'passes-again.js': `
/*---
description: has the same harness as another
includes: [lexical.js]
---*/
assert.sameValue(new Uint8Array([1, FIVE])[1], 5);`,
  'sloppy.js': `
/*---
description: runs as sloppy code only
flags: [noStrict]
---*/
assert.sameValue(
  (function () {
    return this;
  })(),
  globalThis,
);`,
  'strict.js': `
/*---
description: runs as strict code only
flags: [onlyStrict]
---*/
assert.sameValue(
  (function () {
    return this;
  })(),
  undefined,
);`,
  'raw.js': `
/*---
description: runs without a harness
flags: [raw]
---*/
if (typeof assert !== 'undefined') throw new Error('there is a harness');`,
  'module.js': `
/*---
description: is a module that imports another
flags: [module]
---*/
import { value } from './value_FIXTURE.js';

assert.sameValue(value, 7);`,
  'async.js': `
/*---
description: ends when it says so
flags: [async]
---*/
Promise.resolve(new Uint8Array([3])).then((array) => {
  assert.sameValue(array[0], 3);
  $DONE();
}).then(undefined, $DONE);`,
  'async-fails.js': `
/*---
description: fails after a while, everywhere
flags: [async]
---*/
Promise.resolve().then(() => $DONE(new Test262Error('later')));`,
  'negative-parse.js': `
/*---
description: is to be refused
negative:
  phase: parse
  type: SyntaxError
---*/
let broken = ;`,
  'negative-runtime.js': `
/*---
description: is to throw
negative:
  phase: runtime
  type: RangeError
---*/
new Uint8Array(-1);`,
  'negative-fails.js': `
/*---
description: is to throw and does not, anywhere
negative:
  phase: runtime
  type: RangeError
---*/
new Uint8Array(1);`,
  'deletes.js': `
/*---
description: takes away what others need
---*/
assert(delete Uint8Array.from);
assert(delete Object.getPrototypeOf(Uint8Array).from);
Object.getPrototypeOf(Uint8Array.prototype).fill = 'spoilt';
assert.sameValue(Uint8Array.from, undefined);`,
  'needs.js': `
/*---
description: needs what another has taken away
---*/
assert.sameValue(Uint8Array.from([1, 2]).fill(9)[1], 9);`,
  'host.js': `
/*---
description: asks the host for all there is
---*/
const realm = $262.createRealm();
assert(realm.global.Uint8Array !== Uint8Array);
assert.sameValue(realm.evalScript('this'), realm.global);
assert.sameValue($262.evalScript('this'), $262.global);
assert.sameValue($262.detachArrayBuffer(new ArrayBuffer(8)), null);
$262.gc();`,
  'detaches.js': `
/*---
description: passes where detaching empties arrays
---*/
const array = new Uint8Array(10);
$262.detachArrayBuffer(array.buffer);
assert.sameValue(array.length, 0);`,
  'looks.js': `
/*---
description: passes unless at has been replaced
---*/
assert.sameValue(new Uint8Array([4, 5]).at(-1), 5);`,
  'value_FIXTURE.js': `
export const value = 7;`,
};

/** Writes it into `folder`. */
export function writeSmallTest262(folder: string): void {
  const all = [
    ...Object.entries(harness).map(([name, text]) => [join('harness', name), text] as const),
    ...Object.entries(tests).map(([name, text]) => [join(TESTS, name), text] as const),
  ];
  for (const [path, text] of all) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
