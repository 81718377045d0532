const SETTINGS = ['stackTraceLimit', 'prepareStackTrace'] as const;

/**
 * The frames of the stack as V8 writes them, innermost first, this function's own among them. The
 * program's settings for stack traces neither count nor change.
 *
 * @param most - how many are looked at
 */
export function framesHere(most: number): string[] {
  const before = SETTINGS.map((name) => Reflect.getOwnPropertyDescriptor(Error, name));
  try {
    Reflect.set(Error, 'stackTraceLimit', most);
    // The user's own may do anything, for instance make arrays.
    Reflect.deleteProperty(Error, 'prepareStackTrace');
    return (new Error().stack ?? '').split('\n').slice(1);
  } finally {
    for (const [i, name] of SETTINGS.entries()) {
      const property = before[i];
      if (property === undefined) Reflect.deleteProperty(Error, name);
      else Reflect.defineProperty(Error, name, property);
    }
  }
}
