// What marks objects as not to be sent, and performance entries: each program runs in a process of
// plain Node and in ones with scopes, and tells the same.
import { beforeAll, describe, expect, it } from 'vitest';
import { runChild } from './support/child.js';
import { packageRoot } from './support/run.js';

type Threads = typeof import('node:worker_threads') & {
  markAsUncloneable?: (value: unknown) => void;
  isMarkedAsUntransferable?: (value: unknown) => boolean;
};
type Tell = (name: string, look: () => unknown) => void;
interface Surroundings {
  readonly tell: Tell;
  readonly threads: Threads;
  readonly perfHooks: { PerformanceMark: PerformanceMarkClass };
}
// Missing from the types of Node 20, which say that nobody may construct one.
type PerformanceMarkClass = new (
  name: string,
  options?: { detail?: unknown; startTime?: number },
) => { detail: { array: Uint8Array }; startTime: number };

/** Programs that tell what they see, inside a scope or not. */
const programs = {
  'performance entries clone no more than the array': ({ tell, perfHooks }: Surroundings) => {
    const array = new Uint8Array(1000).fill(3);
    const { PerformanceMark } = perfHooks;
    const sizeOf = (detail: unknown) => (detail as Uint8Array).buffer.byteLength;
    tell('new', () => {
      const mark = new (globalThis as unknown as Surroundings['perfHooks']).PerformanceMark('m', {
        detail: { array },
      });
      const { name } = mark.constructor;
      return [sizeOf(mark.detail.array), name, mark.constructor === PerformanceMark];
    });
    tell('of the module', () => {
      const mark = new PerformanceMark('m', { startTime: 5, detail: array });
      return [sizeOf(mark.detail), mark.startTime, mark instanceof PerformanceMark];
    });
    tell('subclass', () => {
      class Mark extends PerformanceMark {}
      const mark = new Mark('m', { detail: array });
      return [mark instanceof Mark, sizeOf(mark.detail), mark.constructor.name];
    });
    tell('frozen options', () =>
      sizeOf(new PerformanceMark('m', Object.freeze({ detail: array })).detail),
    );
    tell('order of looks', () => {
      const looks: string[] = [];
      new PerformanceMark('m', {
        get detail() {
          looks.push('detail');
          return array;
        },
        get startTime() {
          looks.push('startTime');
          return 1;
        },
      });
      return looks;
    });
    tell('no name', () => new (PerformanceMark as new () => unknown)());
    tell('call', () => (PerformanceMark as unknown as () => unknown)());
    tell('bad time', () => new PerformanceMark('m', { startTime: -1, detail: array }));
    tell('detail that cannot be cloned', () => new PerformanceMark('m', { detail: [() => 0] }));
    tell('text', () => `${PerformanceMark}`.split('\n')[0]);
    tell('mark', () => sizeOf(performance.mark('m', { detail: array }).detail));
    tell('measure', () => {
      const { detail, duration } = performance.measure('m', { start: 1, end: 3, detail: array });
      return [sizeOf(detail), duration];
    });
    tell('measure with a detail alone', () =>
      sizeOf(performance.measure('m', { detail: array } as never).detail),
    );
    tell('measure with an inherited detail', () =>
      sizeOf(performance.measure('m', Object.create({ detail: array })).detail),
    );
  },

  'what is marked as uncloneable is refused': ({ tell, threads }: Surroundings) => {
    const { markAsUncloneable } = threads;
    if (markAsUncloneable === undefined) return;
    const array = new Uint8Array(1000).fill(3);
    const marked = <T>(value: T): T => {
      markAsUncloneable(value);
      return value;
    };
    class Holder {
      array = array;
    }
    tell('object', () => structuredClone(marked({ array })));
    tell('in another', () => structuredClone([{ inner: marked({ array }) }, array]));
    tell('instance', () => structuredClone(marked(new Holder())));
    tell('array', () => structuredClone(marked([array]))[0]?.buffer.byteLength);
    tell('Map', () => structuredClone(marked(new Map([[1, array]]))).get(1)?.buffer.byteLength);
    tell('typed array', () => structuredClone(marked(array)).buffer.byteLength);
    tell('primitive', () => marked(4));
    tell('port', () => {
      const { port1 } = new threads.MessageChannel();
      try {
        port1.postMessage(marked({ array }));
      } finally {
        port1.close();
      }
    });
  },

  'what is marked as untransferable stays': ({ tell, threads }: Surroundings) => {
    const make = () => {
      const array = new Uint8Array(1000).fill(7);
      threads.markAsUntransferable(array.buffer);
      return array;
    };
    const look = (sent: Uint8Array, array: Uint8Array) =>
      [sent.buffer, sent, array.buffer, array].map(({ byteLength }) => byteLength);
    tell('structuredClone', () => {
      const array = make();
      return look(structuredClone(array, { transfer: [array.buffer] }), array);
    });
    tell('port', () => {
      const { port1, port2 } = new threads.MessageChannel();
      try {
        const array = make();
        port1.postMessage({ array }, [array.buffer]);
        return look(threads.receiveMessageOnPort(port2)?.message.array, array);
      } finally {
        port1.close();
      }
    });
    tell('left as it was', () => {
      const array = make();
      try {
        structuredClone(array, { transfer: [array.buffer] });
      } catch {}
      return [array.buffer.byteLength, array[999]];
    });
    tell('transfer()', () => {
      const buffer = make().buffer as ArrayBuffer & { transfer?: () => ArrayBuffer };
      return buffer.transfer?.().byteLength;
    });
    tell('asked', () => threads.isMarkedAsUntransferable?.(make().buffer));
    tell('asked of another', () => threads.isMarkedAsUntransferable?.(new Uint8Array(1000).buffer));
    tell('primitive', () => threads.markAsUntransferable('text' as never));
  },
};

/** What is around a program, in a process of its own. */
const surroundings = {
  'plain Node': 'run()',
  "a 'collected' scope": "load().arena.sync(run, { release: 'collected', minBytes: 1 })",
  "an 'exit' scope": "load().arena.sync(run, { release: 'exit', minBytes: 1 })",
  'a checked scope':
    "load().configure({ check: true }); load().arena.sync(run, { release: 'exit', minBytes: 1 })",
};

async function told(program: (around: Surroundings) => void, around: string): Promise<unknown> {
  const source = `
    const answers = [];
    const tell = (name, look) => {
      try {
        answers.push([name, look()]);
      } catch ({ name: error, code, message }) {
        answers.push([name, { error, code, message }]);
      }
    };
    const load = () => require(${JSON.stringify(packageRoot)});
    const run = () => (${program})({
      tell, threads: require('node:worker_threads'), perfHooks: require('node:perf_hooks'),
    });
    ${around};
    require('node:fs').writeSync(3, JSON.stringify(answers));`;
  const { answer, status, stderr } = await runChild([process.execPath, '--eval', source]);
  return { answers: JSON.parse(answer || 'null'), status, stderr };
}

describe.each(Object.entries(programs))('%s', (_, program) => {
  let plain: unknown;
  beforeAll(async () => {
    plain = await told(program, surroundings['plain Node']);
  });

  it.each(Object.entries(surroundings).slice(1))(
    'in %s as in plain Node',
    async (_name, around) => {
      expect(plain).toMatchObject({ status: 0, stderr: '' });
      expect(await told(program, around)).toEqual(plain);
    },
  );
});

it('reaches modules that have imported the functions by name before', async () => {
  const source = `
    import { markAsUntransferable, threadId } from 'node:worker_threads';
    import { PerformanceMark } from 'node:perf_hooks';
    import { createRequire } from 'node:module';
    const before = [markAsUntransferable, PerformanceMark];
    const { uninstall } = createRequire(${JSON.stringify(packageRoot)})(${JSON.stringify(packageRoot)});
    const during = [markAsUntransferable, PerformanceMark];
    uninstall();
    const after = [markAsUntransferable, PerformanceMark];
    const { writeSync } = await import('node:fs');
    writeSync(3, JSON.stringify({
      replaced: during.map((value, i) => value !== before[i]),
      restored: after.map((value, i) => value === before[i]),
      threadId,
    }));`;
  const command = [process.execPath, '--input-type=module', '--eval', source];
  const { answer, stderr } = await runChild(command);
  expect({ ...JSON.parse(answer || '{}'), stderr }).toEqual({
    replaced: [true, true],
    restored: [true, true],
    threadId: 0,
    stderr: '',
  });
});
