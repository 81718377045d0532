import { openSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Section } from './section.js';
import { type Profile, SETTINGS, type Settings } from './settings.js';

/** Exit code for a command line that cannot be understood, as shells and POSIX tools use it. */
const EXIT_USAGE = 2;

/** What the command line asks for. */
export interface Request {
  readonly sections: readonly Section[];
  readonly settings: Settings;
  /** The open file that the figures go to. */
  readonly json: number | undefined;
}

interface Options {
  readonly json?: number;
  readonly only?: readonly string[];
  readonly full?: true;
  readonly quick?: true;
  readonly smoke?: true;
}

/** Prints help or a complaint and ends the process where the command line asks for that. */
export function parseCommandLine(all: readonly Section[]): Request {
  const { json, only, ...size } = parse(all);
  return {
    sections: all.filter(({ name }) => only?.includes(name) ?? true),
    settings: SETTINGS[profileOf(size)],
    json,
  };
}

function profileOf({ full, quick, smoke }: Options): Profile {
  if (smoke) return 'smoke';
  if (quick) return 'quick';
  return full ? 'full' : 'standard';
}

function parse(all: readonly Section[]): Options {
  const command = new Command('npm run bench --')
    .description(
      'Compares arena-pirate with plain Node on this machine. Takes up to fifteen minutes.',
    )
    .option('--json <file>', 'also write the figures, raw rounds included, to this file', open)
    .addOption(new Option('--quick', 'under two minutes').conflicts('full'))
    .addOption(new Option('--full', 'three times the rounds'))
    .addOption(new Option('--smoke', 'only see that everything runs').hideHelp())
    .addOption(
      new Option('--only <section...>', 'only these sections').choices(all.map(({ name }) => name)),
    )
    .addHelpText('after', `\nSections:\n${formatSections(all)}`)
    .exitOverride();
  try {
    return command.parse().opts<Options>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message already; it throws for --help too, with 0.
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  }
}

// Now and not in ten minutes, for then it would be a pity if the path could not be written.
function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function formatSections(all: readonly Section[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
}
