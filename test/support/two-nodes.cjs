'use strict';
// For node --require, before arena-pirate: the machine seems to have memory on nodes 0 and 1. The
// kernel, which has node 0 only, refuses policies for node 1 and goes on with local ones; what is to
// be seen is that arena-pirate keeps the two apart.

const fs = require('node:fs');

const { readFileSync } = fs;
fs.readFileSync = (file, ...options) => {
  if (file === '/sys/devices/system/node/has_memory') return '0-1\n';
  const text = readFileSync(file, ...options);
  if (file !== '/proc/self/status') return text;
  return text.replace(/^Mems_allowed_list:.*$/m, 'Mems_allowed_list:\t0-1');
};
