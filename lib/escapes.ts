import path from 'node:path';
import { framesHere } from './call-stack.js';
import { afterScopes } from './checking.js';
import { collect } from './collector.js';
import {
  arrayBufferByteLength,
  now,
  originalStructuredClone,
  startImmediate,
  startTimer,
} from './intrinsics.js';
import { native } from './native.js';
import { MathMax, ObjectAssign } from './primordials.js';

/** A place in a program whose arrays are still referenced after their `'exit'` scope. */
export interface ArenaEscape {
  /** Where the arrays were made: a stack trace without the frames of this package and of Node. */
  readonly stack: string;
  /** How many of its arrays (ArrayBuffers, Buffers) are still referenced. */
  readonly arrays: number;
  /** Their bytes. */
  readonly bytes: number;
  /** What is likely to help. */
  readonly cure: string;
}

/** A place that made arrays in checked scopes. */
interface Site {
  readonly stack: string;
  /** Whether a scope that it made something in has ended. */
  checked: boolean;
  /** Whether it has been warned of. */
  reported: boolean;
}

/** What was made in a checked scope that has not ended. */
export interface Made {
  readonly site: Site;
  readonly buffer: ArrayBuffer;
}

/** What was made in a checked scope that has ended. */
interface Left {
  readonly site: Site;
  readonly bytes: number;
  /** Of its ArrayBuffer, for {@link native.isAlive}. */
  readonly watch: number;
  // Kept for as long as anything refers to the detached ArrayBuffer: native code may be writing there.
  readonly memory: ArrayBuffer | undefined;
}

const FRAMES_LOOKED_AT = 50;
const FRAMES_KEPT = 8;
const sites = new Map<string, Site>();
let capturing = false;

function isOfOthers(frame: string): boolean {
  return !(
    frame.includes(`(${__dirname}${path.sep}`) ||
    frame.includes(` ${__dirname}${path.sep}`) ||
    frame.includes('(arena-pirate:') ||
    frame.includes('(node:') ||
    frame.includes(' node:')
  );
}

function stackHere(): string {
  const frames = framesHere(FRAMES_LOOKED_AT);
  const others = frames.filter(isOfOthers);
  return (others.length > 0 ? others : frames).slice(0, FRAMES_KEPT).join('\n');
}

/**
 * The place that is making an array now.
 * @returns undefined while another one is looked for: reading source maps makes arrays
 */
export function siteHere(): Site | undefined {
  if (capturing) return undefined;
  capturing = true;
  try {
    const stack = stackHere();
    let site = sites.get(stack);
    if (site === undefined) {
      site = { stack, checked: false, reported: false };
      sites.set(stack, site);
    }
    return site;
  } finally {
    capturing = false;
  }
}

// What ended scopes made and V8 has not been seen to collect.
let left: Left[] = [];
let leftBytes = 0;

// So much of it may come together before it is looked through without waiting for the event loop.
const LEAST_SWEEP_BYTES = 256 * 2 ** 20;
const LEAST_SWEEP_ARRAYS = 10_000;
let sweepBytes = LEAST_SWEEP_BYTES;
let sweepArrays = LEAST_SWEEP_ARRAYS;

/** Takes the memory of ArrayBuffers away from them. */
function detach(buffers: readonly ArrayBuffer[]): (ArrayBuffer | undefined)[] {
  const attached = buffers.filter((buffer) => arrayBufferByteLength(buffer) > 0);
  const move = (some: ArrayBuffer[]) => originalStructuredClone(some, { transfer: some });
  const memories = new Map<ArrayBuffer, ArrayBuffer>();
  try {
    for (const [i, memory] of move(attached).entries()) {
      memories.set(attached[i] as ArrayBuffer, memory);
    }
  } catch {
    // One of them may not be transferred, which refuses all: each for itself.
    for (const buffer of attached) {
      try {
        memories.set(buffer, move([buffer])[0] as ArrayBuffer);
      } catch {
        // Somebody has marked it: it stays attached, and is reported all the same.
      }
    }
  }
  return buffers.map((buffer) => memories.get(buffer));
}

/** Detaches what a scope made, and remembers it until V8 has collected it. */
export function leave(made: readonly Made[]): void {
  if (made.length === 0) return;
  const bytes = made.map(({ buffer }) => arrayBufferByteLength(buffer));
  const memories = detach(made.map(({ buffer }) => buffer));
  for (const [i, { site, buffer }] of made.entries()) {
    left.push({
      site,
      bytes: bytes[i] as number,
      watch: native.watch(buffer),
      memory: memories[i],
    });
    leftBytes += bytes[i] as number;
    if (!site.checked) due = 'now';
    site.checked = true;
  }
  if (due === 'no') due = 'later';
  if (leftBytes >= sweepBytes || left.length >= sweepArrays) sweep(() => false);
  scheduleCheck();
}

// What one full collection leaves behind may be gone after the third, seen with nothing in a heap
// snapshot that refers to it: V8 may have been marking already when it was asked.
const MOST_COLLECTIONS = 4;

/**
 * Has V8 collect everything it can, and forgets what it has collected.
 *
 * @param matters - what is to be told from garbage for certain
 * @returns false where V8 cannot be asked to
 */
function sweep(matters: (allocation: Left) => boolean): boolean {
  for (let i = 0; i < MOST_COLLECTIONS && (i === 0 || left.some(matters)); i++) {
    if (!collect('major')) return false;
    left = left.filter(({ watch }) => native.isAlive(watch));
  }
  leftBytes = left.reduce((sum, { bytes }) => sum + bytes, 0);
  sweepBytes = MathMax(LEAST_SWEEP_BYTES, 2 * leftBytes);
  sweepArrays = MathMax(LEAST_SWEEP_ARRAYS, 2 * left.length);
  return true;
}

/** What was left behind before, to tell what comes after from it. */
export type Before = ReadonlySet<object>;

export function leftNow(): Before {
  return new Set(left);
}

/**
 * Collects garbage, warns of places that none has been warned of, and lists what is still referenced
 * of what has been left since `before`; one entry for each place that made some of it.
 * @returns undefined where V8 cannot be asked to collect garbage
 */
export function escapesSince(before: Before): ArenaEscape[] | undefined {
  if (!sweep((allocation) => !before.has(allocation))) return undefined;
  warnOf(escapesAmong(left));
  return escapesAmong(left.filter((allocation) => !before.has(allocation)));
}

function escapesAmong(allocations: readonly Left[]): ArenaEscape[] {
  const found = new Map<Site, { arrays: number; bytes: number }>();
  for (const { site, bytes } of allocations) {
    const sum = found.get(site) ?? { arrays: 0, bytes: 0 };
    sum.arrays++;
    sum.bytes += bytes;
    found.set(site, sum);
  }
  return Array.from(found, ([site, { arrays, bytes }]) => {
    return { stack: site.stack, arrays, bytes, cure: cureFor(site.stack) };
  });
}

const PACKAGE = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)(?=[\\/])/g;

function cureFor(stack: string): string {
  const [innermost = ''] = stack.split('\n');
  const [, library] = [...innermost.matchAll(PACKAGE)].at(-1) ?? [];
  if (library === undefined) {
    return (
      'Return it from the scope, or keep copyFromArena(array) instead; make inside noArena() what ' +
      "is meant to stay; or open the scope with release: 'collected'"
    );
  }
  return (
    `${library} keeps what it has made, such as a table that it builds on first use or memory that ` +
    'it works in: use it once outside all scopes before the first one (warm it up), call it inside ' +
    "noArena(), or open the scope with release: 'collected'"
  );
}

const CHECK_INTERVAL = 1000;
let due: 'no' | 'later' | 'now' = 'no';
let isScheduled = false;
let isExitWatched = false;
let lastCheck = Number.NEGATIVE_INFINITY;

/**
 * Looks at once whether anything made where nothing was made before is still referenced: what kept
 * it may be used again before the event loop runs, and go wrong. Only where no frame of ours refers
 * to what the scope made.
 */
function checkNewSites(): void {
  if (due === 'now') check();
}

afterScopes.look = checkNewSites;

// A full collection takes milliseconds: not after every scope, and not while the program has better
// to do.
function scheduleCheck(): void {
  if (!isExitWatched) {
    isExitWatched = true;
    process.once('exit', check);
  }
  if (due === 'now') startImmediate(check).unref();
  else if (!isScheduled) {
    isScheduled = true;
    startTimer(check, MathMax(0, lastCheck + CHECK_INTERVAL - now())).unref();
  }
}

function check(): void {
  if (due === 'no') return;
  due = 'no';
  isScheduled = false;
  lastCheck = now();
  if (sweep(({ site }) => !site.reported)) warnOf(escapesAmong(left));
}

// Not process.emitWarning, which waits for the event loop: the program may be about to exit, or to
// run into what it is warned of.
function warnOf(escapes: readonly ArenaEscape[]): void {
  for (const found of escapes) {
    const site = sites.get(found.stack) as Site;
    if (!site.reported) process.emit('warning', warningOf(found));
    site.reported = true;
  }
}

function warningOf({ stack, arrays, bytes, cure }: ArenaEscape): Error {
  const what =
    arrays === 1
      ? `An array of ${bytes} bytes that was made in an 'exit' scope is`
      : `${arrays} arrays of ${bytes} bytes together that were made in 'exit' scopes are`;
  return ObjectAssign(new Error(`${what} still referenced after its end`), {
    name: 'ArenaEscapeWarning',
    code: 'ARENA_ESCAPE',
    detail: `${stack}\n${cure}.`,
  });
}
