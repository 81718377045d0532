import { lines } from './lines.js';

/** ArrayBuffers and DataViews. */
export const arrayBuffers = lines`
  fresh(new ArrayBuffer({n}))
  fresh(new ArrayBuffer({N1}))
  fresh(new ArrayBuffer({n}, { maxByteLength: {n} }))
  fresh(new ArrayBuffer(48, { maxByteLength: 400 }))
  new (class extends ArrayBuffer {})({n})
  ab({i}).slice({k}, {k})
  ab({i}).slice({k})
  const b = ab({i}); b.constructor = { [Symbol.species]: {sp} }; return b.slice({k}, {k})
  own({i}).resize({n})
  own({i}).resize({k})
  const b = own({i}); const t = new {T}(b); b.resize(64); return t
  const b = own({i}); const t = new Uint8Array(b, 8); b.resize(24); return [t.length, t.byteOffset]
  const b = own({i}); const t = new Uint8Array(b, 8, 16); b.resize(20); return [t.length, t.byteOffset, t.byteLength, t[3]]
  fresh(own({i}).transfer({n}))
  fresh(own({i}).transferToFixedLength())
  const b = own({i}); const t = new {T}(b); fresh(b.transfer()); return [t.length, t.byteLength, b.byteLength, b.detached]
  const b = own({i}); detach(b); return [b.byteLength, b.detached]
  const b = own({i}); const t = new Uint8Array(b); t.fill({k}); return b
  const b = ab({i}); return [b.byteLength, b.maxByteLength, b.resizable, b.detached]
  ab({i}).resize({n})
  ArrayBuffer.isView(v({i}))
  dv({i}).get{D}({o}, {le})
  dv({i}).set{D}({o}, {m}, {le})
  dv({i}).setBigInt64({o}, {x}, {le})
  dv({i}).set{D}({k}, {x})
  dv({i}).get{D}({k})
  const d = dv({i}); return [d.byteLength, d.byteOffset, d.buffer === v({i}), d.buffer]
  DataView.prototype.getInt8.call(ta({i}), 0)
  new DataView(v({i}))
  new (class extends DataView {})(ab({i}), {o})
  new Uint8Array(dv({i}).buffer, dv({=}).byteOffset, dv({=}).byteLength)
`;

/** Atomics on whatever array there is. */
export const atomics = lines`
  Atomics.{A}(ta({i}), {k}, like(ta({=}), {m}))
  Atomics.{A}(ta({i}), 1, {x})
  Atomics.load(ta({i}), {k})
  Atomics.compareExchange(ta({i}), {k}, like(ta({=}), 0), like(ta({=}), {m}))
  Atomics.notify(ta({i}), {k}, 1)
`;
