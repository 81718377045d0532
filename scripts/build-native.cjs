'use strict';
// Compiles native/ into build/Release/arena_pirate.node. npm runs it at installation,
// `npx arena-pirate build` and scripts/setup.mjs run it later. It is plain JavaScript because a
// fresh clone has no dist/ yet.
//
//   node scripts/build-native.cjs [--quiet] [node-gyp options, for example --sanitize=address]

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);

// Distributions and the official archives ship the headers next to the executable. Without
// --nodedir node-gyp would download them, which fails where only a package registry is reachable.
function localHeaders() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  return fs.existsSync(path.join(prefix, 'include/node/node_api.h')) ? prefix : undefined;
}

function isOnPath(command) {
  if (command.includes('/')) return fs.existsSync(command);
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => folder !== '' && fs.existsSync(path.join(folder, command)));
}

// The same variables that node-gyp and its makefiles read; CXX may carry a launcher, as in
// "ccache g++".
function missingTools() {
  const { env } = process;
  const python = env.NODE_GYP_FORCE_PYTHON ?? env.npm_config_python ?? env.PYTHON;
  const compiler =
    env.CXX?.trim().split(/\s+/)[0] || (process.platform === 'darwin' ? 'c++' : 'g++');
  const make = env.MAKE || 'make';
  const missing = [];
  if (!(python ? isOnPath(python) : isOnPath('python3') || isOnPath('python'))) {
    missing.push(python ?? 'python3');
  }
  if (!isOnPath(make)) missing.push(make);
  if (!isOnPath(compiler)) missing.push(compiler);
  return missing;
}

function refusalToWrite() {
  try {
    fs.accessSync(root, fs.constants.W_OK);
    return undefined;
  } catch (error) {
    return error.code;
  }
}

function build(gypOptions, { quiet }) {
  const refusal = refusalToWrite();
  if (refusal !== undefined) {
    console.error(
      `arena-pirate: cannot compile the native part, ${root} cannot be written to (${refusal}). ` +
        'Run `npx arena-pirate build` as a user who may write there, or before the folder becomes ' +
        'read-only: what it builds serves every Node from 20 on.',
    );
    return 1;
  }
  const missing = missingTools();
  if (missing.length > 0) {
    console.error(
      `arena-pirate: cannot compile the native part, not found: ${missing.join(', ')}. ` +
        'It needs python3, make and a C++17 compiler ' +
        '(Debian/Ubuntu: apt-get install python3 make g++; macOS: xcode-select --install).',
    );
    return 1;
  }
  const headers = localHeaders();
  const gyp = require.resolve('node-gyp/bin/node-gyp.js', { paths: [root] });
  const args = [gyp, 'rebuild', '--jobs=max', ...gypOptions];
  if (headers !== undefined) args.push(`--nodedir=${headers}`);
  if (!quiet) {
    const source =
      headers === undefined ? 'headers downloaded by node-gyp' : `headers in ${headers}`;
    console.log(
      `arena-pirate: compiling ${path.join(root, 'native')} for Node ${process.version}, ${source}`,
    );
  }
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: quiet ? 'pipe' : 'inherit',
  });
  // A signal leaves no status; a compiler killed for memory must not pass for success.
  const status = result.status ?? 1;
  if (status !== 0) {
    if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
    console.error(
      `arena-pirate: compiling the native part failed (node-gyp ended with ${result.signal ?? status})`,
    );
  } else if (!quiet) {
    console.log(`arena-pirate: built ${path.join(root, 'build/Release/arena_pirate.node')}`);
  }
  return status;
}

const args = process.argv.slice(2);
process.exitCode = build(
  args.filter((arg) => arg !== '--quiet'),
  { quiet: args.includes('--quiet') },
);
