import { createHash } from 'node:crypto';
import { types } from 'node:util';

const dataViewPart = (view: DataView, name: 'byteOffset' | 'byteLength' | 'buffer') =>
  Reflect.get(DataView.prototype, name, view) as never;

/**
 * Everything that can be seen of a value and what it leads to, as text: contents, offsets, how long
 * buffers are, and what is the same object as what. No getter of an object is called.
 */
export function describeGraph(root: unknown): string {
  const ids = new Map<object, number>();
  const lines: string[] = [];

  const nameOf = (value: unknown): string => {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'function') return `function ${value.name}`;
    if (typeof value !== 'object' || value === null) {
      return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`;
    }
    let id = ids.get(value);
    if (id === undefined) {
      id = ids.size;
      ids.set(value, id);
      const at = lines.push('') - 1;
      lines[at] = `@${id} ${describe(value)}`;
    }
    return `@${id}`;
  };

  const properties = (value: object, skip = 0): string =>
    Reflect.ownKeys(value)
      .slice(skip)
      .map((key) => {
        const { value: held, get } = Object.getOwnPropertyDescriptor(
          value,
          key,
        ) as PropertyDescriptor;
        return `${String(key)}: ${get === undefined ? nameOf(held) : 'a getter'}`;
      })
      .join(', ');

  const describe = (value: object): string => {
    if (types.isProxy(value)) return 'a proxy';
    const maker = Object.getPrototypeOf(value)?.constructor?.name ?? 'no prototype';
    if (types.isAnyArrayBuffer(value)) {
      const bytes = new Uint8Array(value);
      const content =
        bytes.length > 300 ? createHash('sha1').update(bytes).digest('hex') : bytes.join(' ');
      return `${maker} of ${value.byteLength}: ${content}`;
    }
    if (types.isDataView(value)) {
      const [offset, length] = [
        dataViewPart(value, 'byteOffset'),
        dataViewPart(value, 'byteLength'),
      ];
      return `${maker} on ${nameOf(dataViewPart(value, 'buffer'))} at ${offset} of ${length}`;
    }
    if (types.isTypedArray(value)) {
      const place = `on ${nameOf(value.buffer)} at ${value.byteOffset}`;
      // Listing the keys of long ones takes long.
      const own = value.length > 10_000 ? '' : properties(value, value.length);
      return `${maker} ${place} of ${value.length} ${own}`;
    }
    if (types.isMap(value)) {
      const entries = [...value].map(([key, held]) => `${nameOf(key)} => ${nameOf(held)}`);
      return `${maker} {${entries.join(', ')}} ${properties(value)}`;
    }
    if (types.isSet(value)) {
      return `${maker} {${[...value].map(nameOf).join(', ')}} ${properties(value)}`;
    }
    if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) {
      return `${maker} ${String(value.valueOf())} ${properties(value)}`;
    }
    if (types.isNativeError(value)) {
      const own = Reflect.ownKeys(value).filter((key) => key !== 'stack');
      const held = own.map((key) => `${String(key)}: ${nameOf(value[key as 'message'])}`);
      return `${maker} ${value.name} {${held.join(', ')}}`;
    }
    return `${maker} {${properties(value)}}`;
  };

  const name = nameOf(root);
  return [name, ...lines].join('\n');
}
