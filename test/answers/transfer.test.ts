// What gives the memory of an ArrayBuffer to another one, in this realm and by the methods of others,
// and user code that runs on the way.
import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';

const start = 'const x = new T(list(90)).buffer; const b = new Uint8Array(x);';
// An error does not tell its realm, and its stack tells of us.
const tell =
  'const tell = (R, fn) => { try { return fn(); } catch (e) { return [String(e), e.constructor.name, e instanceof R.Error]; } };';

/** Arguments, most of which run code that touches the ArrayBuffer. */
const lengths = forms`
  undefined  80  1000  0  -1  2 ** 60  8n  'x'  null  Symbol('s')  []  {}  () => 5
  number(80)  number(1000)  number(-1)  number(2 ** 60)  number(8n)  number('50')  number(undefined)
  { valueOf() { b.fill(9); return 80; } }
  { valueOf() { b.fill(9); return 90 * T.BYTES_PER_ELEMENT; } }
  { valueOf() { b.fill(9); return 800000; } }
  { valueOf() { b.fill(9); throw new RangeError('mine'); } }
  { valueOf() { b.fill(9); return -1; } }
  { valueOf() { b.fill(9); return {}; }, toString() { b.fill(8); return '77'; } }
  { [Symbol.toPrimitive](hint) { log(hint); b.fill(9); return 70; } }
  { [Symbol.toPrimitive]() { return {}; } }
  Object.assign(() => 1, { valueOf() { b.fill(9); return 60; } })
  logged(number(60), 'length')
  { valueOf() { structuredClone(x, { transfer: [x] }); return 80; } }
  { valueOf() { structuredClone(x, { transfer: [x] }); return -1; } }
  { valueOf() { structuredClone(x, { transfer: [x] }); return 2 ** 60; } }
  { valueOf() { x.transfer(); return 80; } }
`;

const methods = ['transfer', 'transferToFixedLength'];

const calls = methods.flatMap((name) => [
  ...lengths.map(
    (length) => `${start} [tell(globalThis, () => x.${name}(${length})), x.byteLength]`,
  ),
  ...lengths.map(
    (length) => `${start} const R = otherRealm();
      const moved = tell(R, () => R.ArrayBuffer.prototype.${name}.call(x, ${length}));
      [moved, moved instanceof R.ArrayBuffer, x.byteLength]`,
  ),
  ...forms`
    undefined  null  5  {}  new SharedArrayBuffer(8)  new T(list(90))  new DataView(x)
    new (otherRealm().ArrayBuffer)(8)  new ArrayBuffer(8)
  `.map(
    (receiver) => `${start} const R = otherRealm();
      tell(R, () => R.ArrayBuffer.prototype.${name}.call(${receiver}, number(5)))`,
  ),
]);

// What can be seen of a built-in without a call of it.
const looks = `(R, holder, name) => {
  const property = Object.getOwnPropertyDescriptor(holder, name);
  const code = property?.value ?? property?.get;
  if (code === undefined) return 'missing';
  const { get, value, ...flags } = property;
  return [
    name, flags, Reflect.ownKeys(code), code.name, code.length, code instanceof R.Function,
    Object.getPrototypeOf(code) === R.Function.prototype, String(code),
    Function.prototype.toString.call(code), R.Function.prototype.toString.call(code),
    tell(R, () => new code()), tell(R, () => Reflect.apply(code, {}, [])),
    tell(R, () => Reflect.apply(code, undefined, [])), Reflect.ownKeys(holder).indexOf(name),
  ];
}`;

/** Ways to a realm. */
const realms = forms`
  globalThis
  otherRealm()
  vm.runInContext('globalThis', vm.createContext())
  vm.runInContext('globalThis', vm.createContext({ a: 1 }))
  new vm.Script('globalThis').runInNewContext()
  new vm.Script('globalThis').runInContext(vm.createContext({}, { microtaskMode: 'afterEvaluate' }))
  vm.compileFunction('return globalThis', [], { parsingContext: vm.createContext() })()
  vm.runInNewContext('globalThis', {}, { contextCodeGeneration: { strings: false, wasm: false } })
  vm.runInContext('globalThis', vm.createContext(vm.constants?.DONT_CONTEXTIFY))
  vm.runInNewContext('globalThis', Object.create({ a: 1 }), 'file.js')
  vm.runInNewContext('({ ArrayBuffer: new Uint8Array().buffer.constructor, Function: (() => 1).constructor, Error: Object.getPrototypeOf(TypeError), Uint8Array })', { ArrayBuffer, Function, Error })
`;
const inspections = realms.map(
  (realm) => `const vm = process.getBuiltinModule('vm'); const looks = ${looks};
    const R = ${realm};
    const arrays = Object.getPrototypeOf(R.Uint8Array.prototype);
    [
      ...['transfer', 'transferToFixedLength', 'transferToImmutable', 'slice'].map((name) =>
        looks(R, R.ArrayBuffer.prototype, name)),
      ...['buffer', 'byteOffset', 'byteLength', 'length', 'subarray'].map((name) =>
        looks(R, arrays, name)),
      ...['toString', 'call'].map((name) => looks(R, R.Function.prototype, name)),
      R.ArrayBuffer.prototype.transfer === ArrayBuffer.prototype.transfer,
    ]`,
);

const builtIns = [
  ...forms`
    vm.createContext.name  vm.createContext.length  Object.getOwnPropertyDescriptors(vm)
    String(vm.createContext)  String(vm.Script.prototype.runInContext)
    Object.getOwnPropertyDescriptors(vm.Script.prototype)  vm.createContext(5)
    const c = {}; [vm.createContext(c) === c, vm.isContext(c), vm.createContext(c) === c]
    new vm.Script('1').runInContext({})  new vm.Script('1').runInContext()  vm.runInContext('1', 5)
    vm.runInNewContext('a + 1', { a: 1 })  vm.runInNewContext('throw new Error("x")')
    vm.runInNewContext('(')
    const threads = process.getBuiltinModule('worker_threads'); String(threads.moveMessagePortToContext)
    process.getBuiltinModule('worker_threads').moveMessagePortToContext({}, {})
    vm.createContext(logged({}, 'sandbox')); 1
    vm.runInNewContext('1', logged({}, 'sandbox'))
  `,
].map((program) => `const vm = process.getBuiltinModule('vm'); ${program}`);

/** Which of an array's places the getters of other realms tell. */
const getters = forms`
  new T(list(90))  new T(list(90)).subarray(7)  new T(list(90)).subarray(90)  new T(0)
  new T(new T(list(90)).buffer, 16)  new (otherRealm()[T.name])(new T(list(90)).buffer, 16)
  new T(40000)  new T(3000000)  new DataView(new T(list(90)).buffer)  5  {}  undefined
`.map(
  (array) => `const R = otherRealm(); const x = ${array};
    const get = (name) => tell(R, () => Reflect.get(R.Uint8Array.prototype, name, x));
    const { buffer } = x ?? {};
    [get('buffer') === buffer, ...['buffer', 'byteOffset', 'byteLength', 'length'].map(get)]`,
);

const getter = (body: string) => `get a() { ${body} return 1; }`;
const fill = 'b.fill(9);';

/** Messages with user code in them, which take the ArrayBuffer along. */
const transferred = [
  `{ ${getter(fill)}, x }`,
  `{ x, ${getter(fill)} }`,
  `{ x, inner: { ${getter(fill)} } }`,
  `{ x, inner: { ${getter(fill)}, more: 1 }, more: 2 }`,
  `[{ ${getter(fill)} }, x, b, { ${getter('b.fill(8);')} }, new T(x)]`,
  `[[x, [{ ${getter(fill)} }]]]`,
  `new Map([[{ ${getter(fill)} }, x], [b, { ${getter('b.fill(8, 5);')} }]])`,
  `new Set([x, { ${getter(fill)} }])`,
  `{ x, inner: { ${getter(`${fill} delete this.gone;`)}, gone: 1 } }`,
  `{ x, inner: { get b() { b[0]++; return { get c() { b[0]++; return { get d() { b[0]++; return 1; } }; } }; } } }`,
  `(() => { const message = { x, ${getter(`${fill} delete message.b; delete message.c;`)}, b: 1, c: 2 };
     return message; })()`,
  `(() => { const message = { ${getter(`${fill}; message.list.length = 1;`)}, list: [x, 2, 3] };
     return message; })()`,
  `Object.assign(new Error('e', { cause: { x, b } }), { stack: '' })`,
  `[x, Object.defineProperty(Object.assign(new Error('e', { cause: x }), { stack: '' }), 'name', {
     get() { ${fill} return 'Own'; } })]`,
  // A stack tells where it was made.
  ...['name', 'message', 'stack', 'cause'].flatMap((key) => {
    const error = `Object.defineProperty(new Error('e', { cause: new T(list(90)) }), '${key}', {
      get() { log('${key}'); ${fill} other.late = new T(list(90)); return 'mine'; } })`;
    return ['error, x, other', 'other, x, error'].map(
      (order) => `(() => { const other = {}; const error = ${error}; return [${order}]; })()`,
    );
  }),
  `{ x, ${getter("throw new Error('mine');")} }`,
  `{ x, ${getter(`${fill} structuredClone(x, { transfer: [x] });`)} }`,
  `{ ${getter('structuredClone(x, { transfer: [x] });')}, x }`,
].flatMap((message) => [
  `structuredClone(${message}, { transfer: [x] })`,
  `throughPort(${message}, [x])`,
  `structuredClone(${message})`,
]);

const throughPort = `const threads = process.getBuiltinModule('worker_threads');
  const throughPort = (message, transfer, context) => {
    const { port1, port2 } = new MessageChannel();
    try {
      const from = context ? threads.moveMessagePortToContext(port1, context) : port1;
      from.postMessage(message, transfer);
      return threads.receiveMessageOnPort(port2)?.message;
    } finally {
      port2.close();
    }
  };`;

/** What has no memory any more is sent and transferred once more. */
const again = forms`
  x  b  new DataView(x)  new T(x, 8, 9)  [x, b, new DataView(x)]  { a: [new Map([[b, x]])], b }
`.flatMap((message) => [
  `const message = ${message}; structuredClone(x, { transfer: [x] });
   [tell(globalThis, () => structuredClone(message, { transfer: [x] })),
    tell(globalThis, () => throughPort(message, [x])), x.byteLength]`,
]);

/** Byte streams take the ArrayBuffer of what they are given, unless they refuse it. */
const streamed = forms`
  b  new Uint8Array(x, 8, 9)  new DataView(x, 8)  new Uint8Array(0)  x  5
`.flatMap((view) => [
  ...['', 'c.close();', 'c.error(new Error("mine"));', 's.cancel();', 'c.enqueue(b);'].map(
    (
      before,
    ) => `let c; const s = new ReadableStream({ type: 'bytes', start(given) { c = given; } });
      const v = ${view}; ${before} [tell(globalThis, () => c.enqueue(v)), x.byteLength, b.length, v.byteLength]`,
  ),
  ...['', 'r.releaseLock();', 'c.close();', 'c.error(new Error("mine"));', 'r.cancel();'].map(
    (
      before,
    ) => `let c; const s = new ReadableStream({ type: 'bytes', start(given) { c = given; } });
      const r = s.getReader({ mode: 'byob' }); r.closed.catch(() => {});
      const v = ${view}; ${before} r.read(v).catch(() => {}); [x.byteLength, b.length, v.byteLength]`,
  ),
]);

/** Ports that belong to another realm. */
const moved = [
  ...forms`
    new T(list(90))
    { x: new T(list(90)), y: new T(list(90)).subarray(3) }
    new Map([[1, new T(list(90))]])
    new T(list(90)).buffer
    Buffer.alloc(100, 7)
    5
    () => {}
  `.map(
    (message) => `${throughPort} const vm = process.getBuiltinModule('vm');
      const c = vm.createContext(); tell(globalThis, () => throughPort(${message}, undefined, c))`,
  ),
  ...['[x, b]', `{ ${getter(fill)}, x }`, '{ x, f() {} }', '5'].map(
    (message) => `${start} ${throughPort} const vm = process.getBuiltinModule('vm');
      const c = vm.createContext();
      [tell(globalThis, () => throughPort(${message}, [x], c)), x.byteLength]`,
  ),
  `${throughPort} const vm = process.getBuiltinModule('vm'); const looks = ${looks};
   const c = vm.createContext(); const R = vm.runInContext('globalThis', c);
   const { port1, port2 } = new MessageChannel();
   const port = threads.moveMessagePortToContext(port1, c);
   const other = threads.moveMessagePortToContext(port2, c);
   port.close();
   // Some complain by ending the process when called on anything else.
   const { tell } = { tell: () => 'not called' };
   [looks(R, Object.getPrototypeOf(port), 'postMessage'), port instanceof MessagePort,
    port.postMessage === other.postMessage, port.postMessage === port1.postMessage]`,
];

describe.each(['Uint8Array', 'Float64Array'])('of a %s, ArrayBuffers', (type) => {
  const withTell = (programs: readonly string[]) => programs.map((each) => `${tell} ${each}`);

  itAnswersAsPlain('are transferred', withTell(calls), { type });
  itAnswersAsPlain('are found by getters of other realms', withTell(getters), { type });
  itAnswersAsPlain(
    'are sent with the bytes that they have in the end',
    transferred.map(
      (program) =>
        `${tell} ${start} ${throughPort} [tell(globalThis, () => ${program}), x.byteLength]`,
    ),
    { type },
  );
  itAnswersAsPlain('are sent by ports of other realms', withTell(moved), { type });
  itAnswersAsPlain(
    'are not sent again',
    again.map((program) => `${tell} ${start} ${throughPort} ${program}`),
    { type },
  );
  itAnswersAsPlain(
    'are taken by byte streams',
    streamed.map((program) => `${tell} ${start} ${program}`),
    { type },
  );
});

describe('what is replaced in other realms', () => {
  itAnswersAsPlain(
    'looks',
    inspections.map((program) => `${tell} ${program}`),
    { allocateNothing: true },
  );
  itAnswersAsPlain('is made by functions that answer', builtIns, { allocateNothing: true });
});
