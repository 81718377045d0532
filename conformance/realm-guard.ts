// Puts a realm's built-ins back after a test, so that many tests can follow one another in it: test262
// deletes most of the properties that it looks at.

type Properties = Map<PropertyKey, PropertyDescriptor>;

interface Recorded {
  readonly prototype: object | null;
  readonly extensible: boolean;
  readonly properties: Properties;
}

// Node's own state, which goes on changing, and what Node makes on first use.
const NOT_RECORDED = new Set(['process', 'console', 'navigator', 'crypto', 'performance']);

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function propertiesOf(object: object): Properties {
  const properties: Properties = new Map();
  for (const key of Reflect.ownKeys(object)) {
    properties.set(key, Reflect.getOwnPropertyDescriptor(object, key) as PropertyDescriptor);
  }
  return properties;
}

function isSame(a: PropertyDescriptor, b: PropertyDescriptor | undefined): boolean {
  return (
    b !== undefined &&
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable
  );
}

/** Everything that can be reached from the globals, as it was when the guard was made. */
export class RealmGuard {
  readonly #recorded = new Map<object, Recorded>();

  constructor() {
    // Node makes some of its globals, and symbols beside them, when they are first asked for.
    for (const name of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, name);
    const pending: unknown[] = [globalThis];
    // What no global leads to.
    pending.push([][Symbol.iterator](), new Map().values(), new Set().values(), ''.matchAll(/./g));
    pending.push(
      function* () {},
      async () => {},
      async function* () {},
    );
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (this.#recorded.has(next as object)) continue;
      pending.push(...this.#record(next as object));
    }
  }

  // Returns what it leads to.
  #record(object: object): object[] {
    const prototype = Reflect.getPrototypeOf(object);
    const properties = propertiesOf(object);
    this.#recorded.set(object, {
      prototype,
      extensible: Reflect.isExtensible(object),
      properties,
    });
    const found: unknown[] = [prototype];
    for (const [key, { value, get, set }] of properties) {
      if (object === globalThis && NOT_RECORDED.has(key as string)) continue;
      found.push(value, get, set);
    }
    return found.filter(isObject);
  }

  /** Makes everything as it was. @returns false when something cannot be */
  restore(): boolean {
    let good = true;
    for (const [object, recorded] of this.#recorded) {
      if (
        Reflect.getPrototypeOf(object) !== recorded.prototype &&
        !Reflect.setPrototypeOf(object, recorded.prototype)
      ) {
        good = false;
      }
      if (Reflect.isExtensible(object) !== recorded.extensible) good = false;
      if (!restoreProperties(object, recorded.properties)) good = false;
    }
    return good;
  }
}

function restoreProperties(object: object, properties: Properties): boolean {
  let good = true;
  for (const key of Reflect.ownKeys(object)) {
    if (!properties.has(key) && !Reflect.deleteProperty(object, key)) good = false;
  }
  for (const [key, property] of properties) {
    if (isSame(property, Reflect.getOwnPropertyDescriptor(object, key))) continue;
    if (!Reflect.defineProperty(object, key, property)) good = false;
  }
  return good;
}
