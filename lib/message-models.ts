import { isObject } from './message-reading.js';
import {
  MathMin,
  NumberIsFinite,
  ObjectGetOwnPropertySymbols,
  ObjectIsExtensible,
  ObjectKeys,
} from './primordials.js';
import { haveSameShape } from './shapes.js';

// Objects of our own that have the shapes of plain objects in earlier messages. Nobody can change them,
// and nothing of anyone's is kept by them.

const { parse, stringify } = JSON;

const EMPTY = {};
const UNKNOWN = Symbol('unknown');

/** What stands in a model for a value: nothing that is large, or somebody's. */
function standInFor(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return '';
    case 'bigint':
      return 0n;
    case 'object':
      return value === null ? null : EMPTY;
    case 'function':
    case 'symbol':
      return UNKNOWN;
    default:
      return value;
  }
}

// From Node 22 on, V8 gives a copy the shape of what is copied.
function spreadModel(record: Record<string, unknown>, keys: readonly string[]): object | undefined {
  const model: Record<string, unknown> = { ...record };
  for (const key of keys) {
    const standIn = standInFor(model[key]);
    if (standIn === UNKNOWN) return undefined;
    model[key] = standIn;
  }
  return model;
}

// V8 notes with a shape what its fields have held so far, and slows down code that relied on less:
// each field gets what is like the value that is there.
function textFor(value: unknown): string {
  if (typeof value === 'number') return NumberIsFinite(value) ? `${value}` : '0.5';
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'string') return '""';
  return isObject(value) ? '{}' : 'null';
}

// JSON makes objects of the shapes that literals have.
function parsedModel(record: Record<string, unknown>, keys: readonly string[]): object {
  let text = '{';
  for (const key of keys) {
    text += `${text === '{' ? '' : ','}${stringify(key)}:${textFor(record[key])}`;
  }
  return parse(`${text}}`);
}

/**
 * An object like a plain one with enumerable properties that are no getters.
 * @returns undefined where V8 makes none of the same shape
 */
function modelOf(record: object): object | undefined {
  // What is made is extensible.
  if (!ObjectIsExtensible(record)) return undefined;
  if (ObjectGetOwnPropertySymbols(record).length > 0) return undefined;
  const values = record as Record<string, unknown>;
  const keys = ObjectKeys(record);
  for (const make of [spreadModel, parsedModel]) {
    const model = make(values, keys);
    if (model === undefined) return undefined;
    if (haveSameShape(model, record)) return model;
  }
  return undefined;
}

// Each takes 5 ns of what is not like it.
export const MOST_MODELS = 8;

/** Whether one of the models has a value's shape. It moves forward, to be found sooner the next time. */
export function includesLike(models: object[], value: object): boolean {
  for (let i = 0; i < models.length; i++) {
    const model = models[i] as object;
    if (!haveSameShape(value, model)) continue;
    if (i > 0) {
      models[i] = models[i - 1] as object;
      models[i - 1] = model;
    }
    return true;
  }
  return false;
}

// To make a model takes as long as a hundred objects that are like one. Where they are of no use, as
// no two messages are alike, few are made.
const MOST_CREDIT = 64;
const CREDIT_PER_MESSAGE = 1 / 16;

/** The models of all messages so far that were asked for most. */
class RecentModels {
  readonly #models: object[] = [];
  #credit = MOST_CREDIT;

  /** Counts a message. */
  begin(): void {
    if (this.#credit < MOST_CREDIT) this.#credit += CREDIT_PER_MESSAGE;
  }

  includesLike(value: object): boolean {
    if (!includesLike(this.#models, value)) return false;
    if (this.#credit < MOST_CREDIT) this.#credit++;
    return true;
  }

  /** Remembers the shape of a plain object without getters. @returns false where that cannot be */
  add(record: object): boolean {
    if (this.#credit < 1) return false;
    this.#credit--;
    const model = modelOf(record);
    if (model === undefined) return false;
    // The last one was asked for least.
    this.#models[MathMin(this.#models.length, MOST_MODELS - 1)] = model;
    return true;
  }
}

export const recentModels = new RecentModels();
