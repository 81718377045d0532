import { lines } from './lines.js';

/** Ways to make typed arrays, other than from others. */
export const makers = lines`
  new {T}({n})
  new {N}({n})
  new Uint8Array({n}).fill({m})
  new Float64Array({n}).fill({m})
  new {T}({N1})
  new Uint8Array({N1})
  new Uint8Array(1_048_600).subarray(1_048_000)
  {typedNew}
  {typedOf}
  {typedFrom}
  new {T}()
  new {T}({y})
  Reflect.construct({T}, [{n}], sub({T}))
  new (sub({T}))({n})
  new (sub({T}, {sp}))({n})
  new (sub({N}))({L})
  new {T}(ta({i}))
  new {N}(ta({i}))
  {T}.from(ta({i}))
  {N}.from(ta({i}), {cb})
  {T}.of({x}, {x})
  new {T}(fresh(new ArrayBuffer({n})), {o})
  new {T}(new SharedArrayBuffer(64), 8, {o})
`;

/** Views of memory there is. */
export const views = lines`
  new {T}(ab({i}), {o}, {n})
  new {T}(ab({i}), {o})
  new {T}(ab({i}))
  new Uint8Array(ab({i}))
  new Uint8Array(ta({i}).buffer, ta({=}).byteOffset, ta({=}).byteLength)
  new {T}(ta({i}).buffer, ta({=}).byteOffset)
  ta({i}).subarray({k}, {k})
  ta({i}).subarray({k})
  ta({i}).subarray({k}, {k}).subarray({k})
  ta({i}).buffer
  new DataView(ab({i}), {o}, {n})
  new DataView(ab({i}), {o})
  new DataView(ta({i}).buffer)
  Buffer.from(ab({i}), {o}, {n})
  Buffer.from(ab({i}))
  bf({i}).subarray({k}, {k})
  bf({i}).slice({k}, {k})
`;

/** Methods of typed arrays. */
export const methods = lines`
  ta({i}).slice({k}, {k})
  ta({i}).slice()
  ta({i}).map({cb})
  ta({i}).map((x, i, all) => like(all, i * 3))
  ta({i}).filter({cb})
  ta({i}).fill(like(ta({=}), {m}), {k}, {k})
  ta({i}).fill({x}, {k}, {k})
  ta({i}).copyWithin({k}, {k}, {k})
  ta({i}).set(ta({i}), {k})
  ta({i}).set({L}, {k})
  ta({i}).set(ta({=}).subarray({k}, {k}), {k})
  ta({i}).set(new {N}(ta({=}).buffer), {k})
  ta({i}).set(new {N}(ab({i}), {o}, 3), {k})
  ta({i}).set(yielding({L}, 4))
  ta({i}).set({ length: 3, 0: 1, get 1() { throw new RangeError('got'); } })
  ta({i}).reverse()
  ta({i}).sort({cmp})
  ta({i}).toReversed()
  ta({i}).toSorted({cmp})
  ta({i}).with({k}, like(ta({=}), {m}))
  ta({i}).with({k}, {x})
  ta({i}).at({k})
  ta({i}).find({cb})
  ta({i}).findIndex({cb})
  ta({i}).findLast({cb})
  ta({i}).findLastIndex({cb})
  ta({i}).every({cb})
  ta({i}).some({cb})
  ta({i}).forEach({cb})
  ta({i}).reduce({red}, {x})
  ta({i}).reduceRight({red})
  ta({i}).includes({x}, {k})
  ta({i}).indexOf(like(ta({=}), {m}), {k})
  ta({i}).lastIndexOf({x}, {k})
  ta({i}).join({s})
  ta({i}).toString()
  ta({i}).toLocaleString()
  [...ta({i})].length
  [...ta({i}).entries()].slice(-3)
  [...ta({i}).keys()].length
  Array.from(ta({i}).values(), {cb})
  Array.prototype.concat.call([], ta({i}), [...ta({i})]).length
  Array.prototype.slice.call(ta({i}), {k}, {k})
  Array.prototype.map.call(ta({i}), {cb})
  Array.prototype.reverse.call(ta({i}))
  Array.prototype.fill.call(ta({i}), {x}, {k})
  Array.prototype.copyWithin.call(ta({i}), {k}, {k})
  Array.prototype.sort.call(ta({i}), {cmp})
  Array.prototype.push.call(ta({i}), {x})
  Uint8Array.prototype.slice.call(v({i}), {k}, {k})
  Uint8Array.prototype.subarray.call(v({i}), {k}, {k})
  Uint8Array.prototype.set.call(v({i}), ta({i}))
  for (const x of ta({i})) { if (x > 5) break; log(x); }
  const a = ta({i}); a[{k}] = {x}; return a
  const a = ta({i}); return a[{k}]
  const a = ta({i}); a.length = 3; return a.length
  const a = ta({i}); for (let i = 0; i < a.length; i++) a[i] = like(a, i * 7 - 3); return a
  ta({i}).hasOwnProperty({k})
`;

/** What can be done to any object, done to arrays. */
export const objects = lines`
  Object.freeze(v({i}))
  Object.isFrozen(v({i}))
  Object.isSealed(Object.preventExtensions(ta({i}).subarray(0, 4)))
  Object.seal(ta({i}).slice(0, 3))
  Object.defineProperty(ta({i}), {k}, { value: like(ta({=}), {m}), writable: true, enumerable: true, configurable: true })
  Object.defineProperty(ta({i}), {k}, { value: {x} })
  Object.defineProperty(ta({i}), {k}, { get() {} })
  Object.getOwnPropertyDescriptor(ta({i}), {k})
  Reflect.ownKeys(v({i})).length
  Object.keys(ta({i})).length
  Object.entries(ta({i})).slice(0, 5)
  Reflect.has(ta({i}), {k})
  Reflect.deleteProperty(ta({i}), {k})
  Reflect.set(ta({i}), {k}, {x})
  Reflect.set(ta({i}), {k}, {x}, {})
  Reflect.set({}, {k}, {x}, ta({i}))
  Reflect.get(ta({i}), {k}, {})
  Object.assign(ta({i}), {L})
  Object.assign([], ta({i})).length
  const a = ta({i}); a.tag = {m}; return a.tag
  const a = v({i}); return Object.keys(Object.getOwnPropertyDescriptors(a)).length
  const a = ta({i}); a.constructor = { [Symbol.species]: {sp} }; return a
  const a = ta({i}); a.constructor = {sp}; return a
  const a = ta({i}); Object.defineProperty(a, 'constructor', { get() { log('constructor'); return undefined; }, configurable: true }); return a
  const a = ta({i}); delete a.constructor; return a.constructor
  const a = ta({i}); return [a.buffer === a.buffer, a.buffer === v({i}), a.byteOffset, a.buffer.byteLength]
  const a = ta({i}); const b = ta({i}); return [a.buffer === b.buffer, a === b]
  Object.create(ta({i})).length
  new Proxy(ta({i}), {}).length
  new Proxy(ta({i}), {})[{k}]
  new {T}(new Proxy(ta({i}), {}))
  Object.prototype.toString.call(v({i}))
  const a = v({i}); return [a instanceof {T}, ArrayBuffer.isView(a), a.constructor?.name]
  Object.setPrototypeOf(ta({i}), sub({T}).prototype)
`;
