import type { Runtime, Session } from 'node:inspector';
import type { AnyFunction } from './function-source.js';

const HOLDER = 'arena-pirate.closed-over';

/**
 * The names of what lies in the scopes around a function, other than the global one: a name that is also
 * a global (`setTimeout`, imported from node:timers/promises) means something else in another thread.
 *
 * @returns none where Node has no inspector or does not allow it; the text then has to tell
 */
export function closedOverNames(fn: AnyFunction): Set<string> {
  let session: Session;
  try {
    const inspector: typeof import('node:inspector') = require('node:inspector');
    session = new inspector.Session();
    session.connect();
  } catch {
    return new Set();
  }
  const key = Symbol.for(HOLDER);
  Object.defineProperty(globalThis, key, { value: fn, configurable: true });
  try {
    return new Set(namesAround(session));
  } finally {
    Reflect.deleteProperty(globalThis, key);
    session.disconnect();
  }
}

function namesAround(session: Session): string[] {
  const { result } = evaluate(session, `globalThis[Symbol.for('${HOLDER}')]`);
  const scopes = propertiesOf(session, result)?.internalProperties?.find(
    ({ name }) => name === '[[Scopes]]',
  );
  const around = propertiesOf(session, scopes?.value)?.result ?? [];
  return around
    .filter(({ value }) => value?.description !== 'Global')
    .flatMap(({ value }) => propertiesOf(session, value)?.result ?? [])
    .map(({ name }) => name);
}

// Of a session in the same thread the answer is there when `post` returns.
function evaluate(session: Session, expression: string): Runtime.EvaluateReturnType {
  let answer!: Runtime.EvaluateReturnType;
  session.post('Runtime.evaluate', { expression }, (_error, result) => {
    answer = result;
  });
  return answer;
}

function propertiesOf(
  session: Session,
  object: Runtime.RemoteObject | undefined,
): Runtime.GetPropertiesReturnType | undefined {
  const objectId = object?.objectId;
  if (objectId === undefined) return undefined;
  let answer: Runtime.GetPropertiesReturnType | undefined;
  session.post('Runtime.getProperties', { objectId, ownProperties: true }, (_error, result) => {
    answer = result;
  });
  return answer;
}
