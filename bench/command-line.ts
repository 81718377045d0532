import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Section } from './section.js';
import { type Profile, SETTINGS, type Settings } from './settings.js';

/** Exit code for a command line that cannot be understood, as shells and POSIX tools use it. */
export const EXIT_USAGE = 2;

/** What is written. */
export interface Files {
  /** The file that the figures go to. */
  readonly json: string | undefined;
  /** The file that the page goes to. */
  readonly report: string | undefined;
}

/** What the command line asks for. */
export interface Request extends Files {
  readonly sections: readonly Section[];
  readonly settings: Settings;
  /** Instead of the others, where not all sections finish: the ones on record are not to be lost to that. */
  readonly ifPartial: Files;
  /** Major versions of Node to measure on; undefined for the running one. */
  readonly nodes: readonly string[] | undefined;
}

interface Options {
  readonly json?: string;
  readonly report?: string | false;
  readonly nodes?: readonly string[];
  readonly only?: readonly string[];
  readonly full?: true;
  readonly quick?: true;
  readonly smoke?: true;
}

const FOLDER = join(dirname(require.resolve('arena-pirate/package.json')), 'bench');

/** Prints help or a complaint and ends the process where the command line asks for that. */
export function parseCommandLine(all: readonly Section[]): Request {
  const { json, report, nodes, only, ...size } = parse(all);
  const profile = profileOf(size);
  // What is kept in the repository is of whole runs that took their time.
  const worthKeeping = only === undefined && (profile === 'standard' || profile === 'full');
  const usual = (name: string) => (worthKeeping ? join(FOLDER, name) : undefined);
  const files = (usualJson: string, usualReport: string): Files => ({
    json: json ?? usual(usualJson),
    report: report === false ? undefined : (report ?? usual(usualReport)),
  });
  return {
    sections: all.filter(({ name }) => only?.includes(name) ?? true),
    settings: SETTINGS[profile],
    ...files('results.json', 'report.html'),
    ifPartial: files('results.partial.json', 'report.partial.html'),
    nodes,
  };
}

/** Has the program end with {@link EXIT_USAGE} where commander cannot understand its command line. */
export function exitOnMisuse(command: Command): Command {
  // Commander has printed its message already; it comes here for --help too, with 0.
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE));
}

/** For an option: a file that can be written, found out now and not in ten minutes. */
export function writable(path: string): string {
  try {
    accessSync(existsSync(path) ? path : dirname(resolve(path)), constants.W_OK);
    return path;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function profileOf({ full, quick, smoke }: Options): Profile {
  if (smoke) return 'smoke';
  if (quick) return 'quick';
  return full ? 'full' : 'standard';
}

function parse(all: readonly Section[]): Options {
  const command = new Command('npm run bench --')
    .description(
      'Compares arena-pirate with plain Node on this machine. Takes up to fifteen minutes.\n' +
        'A whole run writes bench/results.json and bench/report.html; with --quick or --only, name the files.\n' +
        'Where a section fails or a signal ends it, the files say so and hold what all sections that finished gave.',
    )
    .option('--json <file>', 'write the figures, raw rounds included, to this file', writable)
    .option('--report <file>', 'write the page with all plots and tables to this file', writable)
    .option('--no-report', 'write no page')
    .option(
      '--nodes <versions>',
      'on these major versions of Node one after another, as in 20,22,24,26',
      (list) => list.split(','),
    )
    .addOption(new Option('--quick', 'under two minutes').conflicts('full'))
    .addOption(
      new Option(
        '--full',
        'for hours: more rounds, all sizes, the examples as large as the original has them',
      ),
    )
    .addOption(new Option('--smoke', 'only see that everything runs').hideHelp())
    .addOption(
      new Option('--only <section...>', 'only these sections').choices(all.map(({ name }) => name)),
    )
    .addHelpText('after', `\nSections:\n${formatSections(all)}`);
  return exitOnMisuse(command).parse().opts<Options>();
}

function formatSections(all: readonly Section[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
}
