// Puts spies in the place of built-ins once arena-pirate has been loaded, and notes who among its files calls one.
const { sep } = require('node:path');
const { types } = require('node:util');
require('arena-pirate');

const root = require.resolve('arena-pirate').split(sep).slice(0, -1).join(sep) + sep;
const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { captureStackTrace } = Error;
const includes = Function.prototype.call.bind(String.prototype.includes);
const split = Function.prototype.call.bind(String.prototype.split);

const calls = Object.create(null);
let isBusy = false;

function note(name, spy) {
  if (isBusy) return;
  isBusy = true;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  const here = {};
  captureStackTrace(here, spy);
  Error.stackTraceLimit = stackTraceLimit;
  // By its own constructor, the frame would be one of ours as well.
  const frame = split(here.stack, '\n')[1];
  if (frame !== undefined && includes(frame, root)) calls[name] = frame;
  isBusy = false;
}

function spyOn(holder, key, name) {
  const property = getOwnPropertyDescriptor(holder, key);
  const original = property.value;
  if (typeof original !== 'function' || key === 'constructor' || !property.configurable) return;
  // A function, as some of them are called with `new`.
  const spy = function (...args) {
    note(name, spy);
    return new.target === undefined
      ? apply(original, this, args)
      : construct(original, args, new.target);
  };
  defineProperty(holder, key, { ...property, value: spy });
}

const holders = {
  Array,
  ArrayBuffer,
  Buffer,
  'Function.prototype': Function.prototype,
  'Map.prototype': Map.prototype,
  Math,
  Number,
  Object,
  Reflect,
  'Set.prototype': Set.prototype,
  types,
  'WeakMap.prototype': WeakMap.prototype,
  'WeakSet.prototype': WeakSet.prototype,
};

/** Everything that is called from now on is seen. */
exports.spy = () => {
  for (const holder of Object.keys(holders)) {
    for (const key of ownKeys(holders[holder])) {
      // What an iterable is gone through by is asked for in plain Node, too.
      if (key !== Symbol.iterator) spyOn(holders[holder], key, `${holder}.${String(key)}`);
    }
  }
};

/** What files of the package have called, each with a frame of the stack. */
exports.calls = () => {
  isBusy = true;
  return calls;
};
