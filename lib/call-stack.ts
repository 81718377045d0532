import {
  ObjectHasOwn,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectSet,
} from './primordials.js';

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

/**
 * The frames of the stack as V8 writes them, innermost first, this function's own among them. The
 * program's settings for stack traces neither count nor change.
 *
 * @param most - how many are looked at
 */
export function framesHere(most: number): string[] {
  return String(stackHere(most, undefined) ?? '')
    .split('\n')
    .slice(1);
}

/** The outermost function that runs now; not the async functions that await it. */
export function outermostFrame(): NodeJS.CallSite | undefined {
  const frame = stackHere(Number.POSITIVE_INFINITY, outermost);
  return typeof frame === 'object' ? (frame as NodeJS.CallSite) : undefined;
}

function outermost(_: Error, sites: NodeJS.CallSite[]): NodeJS.CallSite | undefined {
  return sites.findLast((site) => !(site as NodeJS.CallSite & { isAsync(): boolean }).isAsync());
}

function stackHere(most: number, prepare: Prepare | undefined): unknown {
  const limit = ReflectGetOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepared = ReflectGetOwnPropertyDescriptor(Error, 'prepareStackTrace');
  try {
    change('stackTraceLimit', limit, most);
    // The user's own may do anything, for instance make arrays.
    if (prepare !== undefined) change('prepareStackTrace', prepared, prepare);
    else if (prepared !== undefined) ReflectDeleteProperty(Error, 'prepareStackTrace');
    return new Error().stack;
  } finally {
    restore('stackTraceLimit', limit);
    restore('prepareStackTrace', prepared);
  }
}

type Setting = 'stackTraceLimit' | 'prepareStackTrace';

function change(name: Setting, before: PropertyDescriptor | undefined, value: unknown): void {
  if (before === undefined || before.writable) ReflectSet(Error, name, value);
  else ReflectDefineProperty(Error, name, { value, configurable: true, writable: true });
}

function restore(name: Setting, before: PropertyDescriptor | undefined): void {
  if (before === undefined) ReflectDeleteProperty(Error, name);
  // Several times as fast as defining it.
  else if (before.writable && ObjectHasOwn(Error, name)) ReflectSet(Error, name, before.value);
  else ReflectDefineProperty(Error, name, before);
}
