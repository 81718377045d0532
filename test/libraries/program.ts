/**
 * Runs libraries as its argument, a {@link Plan} in JSON, says, and writes what came of it to file
 * descriptor 3, as JSON by library. It is a process of its own: what libraries and Node keep between uses is
 * part of the test, and plain Node must never have seen arena-pirate.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { sep } from 'node:path';
import { show } from '../support/outcome.js';
import { scramble } from '../support/scramble.js';
import { libraries } from './all.js';
import type { Library, Use } from './library.js';
import type { Answer, Escape, KeptReport, LibraryReport, Plan } from './report.js';

type Package = typeof import('arena-pirate');

const plan = JSON.parse(process.argv[2] as string) as Plan;
const { minBytes = 65, load = 'before', cured = true, check = false, what = 'uses' } = plan;
const options = { release: plan.release ?? 'exit', minBytes };

const loadPackage = () => require('arena-pirate') as Package;

// Deeper than anything that a use gives back.
const LEVELS = -50;
const HEAD_LENGTH = 160;

// In checked mode an array takes so long that two have to do.
const ROUNDS = check ? 2 : 3;

function answerOf(value: unknown): Answer {
  const text = show(value, undefined, LEVELS);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${sha256} ${text.slice(0, HEAD_LENGTH)}`;
}

// What libraries let go of by themselves but not at once: threads that end, streams that close.
const settle = () => new Promise((resolve) => setTimeout(resolve, 300));

interface Surroundings {
  /** Runs a use in a scope of its own. */
  open<T>(fn: () => T, sync: boolean): T;
  /** Runs what a scope must not own. */
  outside<T>(fn: () => T): T;
  /** How many arrays arenas have given. */
  captured(): number;
  /** Overwrites what is wrongly taken for free. */
  disturb(): void;
  /** What escapes while `fn` runs. */
  watch(fn: () => Promise<void>): Promise<readonly Escape[]>;
}

function plainNode(): Surroundings {
  return {
    open: (fn) => fn(),
    outside: (fn) => fn(),
    captured: () => 0,
    disturb: () => undefined,
    watch: (fn) => fn().then(() => []),
  };
}

function scopes(): Surroundings {
  const { arena, noArena, stats, findEscapes } = loadPackage();
  return {
    open: (fn, sync) => (sync ? arena.sync(fn, options) : arena(fn, options)),
    outside: noArena,
    captured: () => stats().thread.captured,
    disturb: () => scramble(arena, 40),
    async watch(fn) {
      if (check) {
        const found = await findEscapes(() => fn().then(settle));
        return found.map(({ stack }) => stack);
      }
      await fn();
      return [];
    },
  };
}

const needsCure = plan.release === 'exit' && cured;

async function prepare(library: Library, around: Surroundings): Promise<unknown> {
  const loadAndWarmUp = async () => {
    const lib = library.load();
    if (needsCure) {
      for (const { warmUp } of Object.values(library.kept ?? {})) {
        if (warmUp !== undefined) await around.outside(() => warmUp(lib));
      }
    }
    return { lib };
  };
  const kept: { lib?: unknown } = {};
  const keep = async () => {
    Object.assign(kept, await loadAndWarmUp());
  };
  await (load === 'inside' ? around.open(keep, false) : keep());
  return kept.lib;
}

type Seen = { inside: Answer; value: unknown };

const seen = (value: unknown): Seen => ({ inside: answerOf(value), value });

// A use in itself never throws: whatever comes here differs from plain Node.
const failed = (error: unknown): Seen => ({ inside: `threw ${answerOf(error)}`, value: error });

async function runUses(library: Library, around: Surroundings): Promise<LibraryReport> {
  const start = performance.now();
  const capturedBefore = around.captured();
  const lib = await prepare(library, around);
  const answers: Record<string, Answer[]> = {};
  let results: [string, Seen][] = [];

  const perform = (name: string, use: Use<unknown>, sync: boolean): unknown => {
    const { notForExit } = library;
    const cure = needsCure && (notForExit === 'all' || notForExit?.includes(name));
    const run = () => (cure ? around.outside(() => use(lib)) : use(lib));
    const done = (result: Seen) => void results.push([name, result]);
    const opened = around.open(() => {
      try {
        const value = run();
        return value instanceof Promise ? value.then(seen).catch(failed) : seen(value);
      } catch (error) {
        return failed(error);
      }
    }, sync);
    return opened instanceof Promise ? opened.then(done) : done(opened);
  };

  const isAsync = new Set<string>();
  const escapes = await around.watch(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      // Asynchronous ones at the same time the second time, in scopes that overlap.
      const pending: unknown[] = [];
      for (const [name, use] of Object.entries(library.uses)) {
        const opened = perform(name, use, round === 1 && !isAsync.has(name));
        if (opened instanceof Promise) isAsync.add(name);
        if (round === 1) pending.push(opened);
        else await opened;
      }
      await Promise.all(pending);
      around.disturb();
      for (const [name, { inside, value }] of results) {
        answers[name] ??= [];
        answers[name].push(inside, answerOf(value));
      }
      results = [];
    }
  });
  const captured = around.captured() - capturedBefore;
  return { answers, captured, escapes, milliseconds: Math.round(performance.now() - start) };
}

function loadAnew(library: Library): unknown {
  const folder = `${sep}node_modules${sep}${library.name}${sep}`;
  for (const path of Object.keys(require.cache)) {
    if (path.includes(folder)) delete require.cache[path];
  }
  return library.load();
}

// Node itself trips over memory of its streams that has been taken away.
const uncaught: Escape[] = [];

async function runKept(library: Library): Promise<Record<string, KeptReport>> {
  const { arena, noArena, findEscapes } = loadPackage();
  process.on('uncaughtException', ({ stack }) => uncaught.push(String(stack)));
  const reports: Record<string, KeptReport> = {};
  for (const [name, { keep, warmUp }] of Object.entries(library.kept ?? {})) {
    const escapesOf = async (fn: () => unknown, expectsSome: boolean) => {
      uncaught.length = 0;
      const found = await findEscapes(async () => void (await arena(fn, options)));
      await settle();
      // What nobody has found yet may still be at work, in a thread of Node's: on a slow machine for longer.
      const isLate = () => expectsSome && found.length + uncaught.length === 0;
      for (let more = 0; more < 30 && isLate(); more++) await settle();
      return [...found.map(({ stack }) => stack), ...uncaught];
    };
    const fresh = loadAnew(library);
    const uncured = await escapesOf(() => keep(fresh), true);
    const lib = loadAnew(library);
    await warmUp?.(lib);
    const withCure = () => (warmUp ? keep(lib) : noArena(() => keep(lib)));
    const found = await escapesOf(withCure, false);
    const plain = answerOf(await keep(lib));
    reports[name] = {
      uncured,
      cured: found,
      answers: [plain, answerOf(await arena(withCure, options))],
    };
  }
  return reports;
}

async function main(): Promise<void> {
  const chosen = libraries.filter(({ name }) => plan.libraries?.includes(name) ?? true);
  const around = plan.release === undefined && what === 'uses' ? plainNode() : scopes();
  const reports: Record<string, unknown> = {};
  for (const library of chosen) {
    await library.around?.start();
    try {
      reports[library.name] = await (what === 'kept' ? runKept(library) : runUses(library, around));
    } finally {
      await library.around?.stop();
    }
  }
  writeSync(3, JSON.stringify(reports));
}

void main();
