import vm from 'node:vm';

/** What test262 calls `$262`: what only the host can do. */
export interface Host {
  readonly global: unknown;
  readonly agent: object;
  createRealm(): Host;
  detachArrayBuffer(buffer: ArrayBuffer): null;
  evalScript(source: string): unknown;
  gc(): void;
}

// Agents need threads that wait; a test that wants one is told so, and fails in plain Node, too.
const agent = new Proxy(
  {},
  {
    get(_, name) {
      throw new Error(`This runner has no $262.agent.${String(name)}`);
    },
  },
);

/** The host functions of the realm that `evaluate` evaluates scripts in. */
export function hostOf(evaluate: (source: string) => unknown): Host {
  return {
    global: evaluate('globalThis'),
    agent,
    createRealm() {
      const context = vm.createContext();
      const realm = hostOf((source) => vm.runInContext(source, context));
      (realm.global as { $262: Host }).$262 = realm;
      return realm;
    },
    detachArrayBuffer(buffer) {
      structuredClone(buffer, { transfer: [buffer] });
      return null;
    },
    evalScript: evaluate,
    gc() {
      (globalThis.gc as () => void)();
    },
  };
}
