// The versions of Node that the package supports. Those other than the running one come from npm.
//
//   node scripts/nodes.mjs 20,22    prints their executables as a JSON list, installing what is missing

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAJORS = ['20', '22', '24', '26'];
// Where npm has packages of all of them.
const PLATFORMS = ['linux-x64', 'linux-arm64'];

export const EXIT_USAGE = 2;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** From the repository's top folder. */
export const CACHE = 'node_modules/.cache/nodes';

export const platform = `${process.platform}-${process.arch}`;
export const running = process.versions.node.split('.')[0];

/** Whether npm has the versions for this platform. */
export const hasOthers = PLATFORMS.includes(platform);

/** The versions of a list such as `20,24`. Calls `complain` for one that is unknown. */
export function parseMajors(list, option, complain) {
  const majors = list.split(',');
  const unknown = majors.find((major) => !MAJORS.includes(major));
  if (unknown !== undefined) {
    complain(`expected some of ${MAJORS.join(',')} for ${option} but received '${unknown}'`);
  }
  return majors;
}

/** The executable of a version, installed through npm unless it is there or running. */
export function executableOf(major) {
  if (major === running) return process.execPath;
  const name = `node-${platform}`;
  const folder = join(root, CACHE, major);
  const executable = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(executable) && hasOthers) {
    console.error(`installing Node ${major} (${name}@${major})`);
    mkdirSync(folder, { recursive: true });
    const npmArgs = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    spawnSync('npm', [...npmArgs, '--prefix', folder, `${name}@${major}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return existsSync(executable) ? executable : undefined;
}

function complain(message) {
  console.error(`nodes: ${message}`);
  process.exit(EXIT_USAGE);
}

function main([list = '']) {
  const majors = parseMajors(list, '--nodes', complain);
  const executables = majors.map(executableOf);
  const missing = majors.filter((_, i) => executables[i] === undefined);
  if (missing.length > 0) {
    console.error(`nodes: Node ${missing.join(', ')} could not be installed for ${platform}`);
    process.exit(1);
  }
  console.log(JSON.stringify(executables));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
