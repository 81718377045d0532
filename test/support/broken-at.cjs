// Preloaded: as if loading the package broke the method `at` of typed arrays.
const Module = require('node:module');

const load = Module._load;
Module._load = (request, ...rest) => {
  const loaded = load(request, ...rest);
  if (request === 'arena-pirate') {
    Object.getPrototypeOf(Uint8Array.prototype).at = function at(index) {
      return this[index];
    };
  }
  return loaded;
};
