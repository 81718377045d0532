/** A property that is not what it was. */
export interface Change {
  readonly path: string;
  readonly before: PropertyDescriptor | undefined;
  readonly after: PropertyDescriptor | undefined;
}

/** Everything that can be reached from a realm's built-ins, as it was at one moment. */
export interface Snapshot {
  /** What has become different since. */
  changes(): Change[];
}

/**
 * Records every property of every built-in object, by walking the graph from the globals of ECMAScript
 * and those of Node that arena-pirate touches. Self-contained: it travels to child processes as source.
 */
export function recordIntrinsics(): Snapshot {
  type Properties = Map<PropertyKey, PropertyDescriptor>;
  interface Recorded {
    path: string;
    prototype: object | null;
    properties: Properties;
  }
  const load = process.getBuiltinModule;
  const roots: Record<string, unknown> = {
    'module.prototype': load('module').prototype,
    MessagePort: load('worker_threads').MessagePort,
    Worker: load('worker_threads').Worker,
    'fs.promises': load('fs').promises,
    zlib: load('zlib'),
  };
  // The others are Node's own state, which goes on changing, or are made on first use.
  const states = ['process', 'console', 'global', 'globalThis', 'navigator', 'require', 'module'];
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    // Made on first use, and then no accessors any more.
    if (name.includes('Stream')) Reflect.get(globalThis, name);
    const property = Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor;
    if (!states.includes(name) && 'value' in property) roots[name] = property.value;
  }

  const propertiesOf = (object: object): Properties =>
    new Map(
      Reflect.ownKeys(object).map((key) => [
        key,
        Reflect.getOwnPropertyDescriptor(object, key) as PropertyDescriptor,
      ]),
    );
  const recorded = new Map<object, Recorded>();
  const visit = (root: unknown, rootPath: string) => {
    const pending: [unknown, string][] = [[root, rootPath]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [object, path] = next;
      if ((typeof object !== 'object' && typeof object !== 'function') || object === null) continue;
      if (recorded.has(object) || ArrayBuffer.isView(object)) continue;
      const prototype = Object.getPrototypeOf(object);
      const properties = propertiesOf(object);
      recorded.set(object, { path, prototype, properties });
      pending.push([prototype, `${path}.__proto__`]);
      for (const [key, { value, get, set }] of properties) {
        for (const part of [value, get, set]) pending.push([part, `${path}.${String(key)}`]);
      }
    }
  };
  for (const [name, root] of Object.entries(roots)) visit(root, name);
  const globals = propertiesOf(globalThis);

  const differences = (path: string, before: Properties, after: Properties): Change[] =>
    [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
      const [was, is] = [before.get(key), after.get(key)];
      const same =
        was !== undefined &&
        is !== undefined &&
        (Reflect.ownKeys(was) as (keyof PropertyDescriptor)[]).every((field) =>
          Object.is(was[field], is[field]),
        );
      return same ? [] : [{ path: `${path}.${String(key)}`, before: was, after: is }];
    });

  return {
    changes() {
      const changes = differences('globalThis', globals, propertiesOf(globalThis));
      for (const [object, { path, prototype, properties }] of recorded) {
        changes.push(...differences(path, properties, propertiesOf(object)));
        const now = Object.getPrototypeOf(object);
        if (now !== prototype) {
          changes.push({
            path: `${path}.__proto__`,
            before: { value: prototype },
            after: { value: now },
          });
        }
      }
      return changes;
    },
  };
}
