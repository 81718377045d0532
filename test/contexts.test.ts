// Random asynchronous programs: which scope is current has to be what an AsyncLocalStorage of the
// test's own says, wherever they look.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { arena, currentArena, isArenaArray, noArena, type Release } from 'arena-pirate';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { deferred, expectNoScope } from './support/scopes.js';

afterAll(expectNoScope);

/** What one step does; `inside` happens in what it opens, all of it synchronously where it says so. */
type Step =
  | { readonly kind: 'look' | 'make a resource' }
  | { readonly kind: 'await'; readonly what: 'nothing' | 'a turn' | 'a timer' | 'a thenable' }
  | { readonly kind: 'arena'; readonly release: Release; readonly inside: readonly Step[] }
  | { readonly kind: 'arena.sync'; readonly release: Release; readonly inside: readonly Step[] }
  | {
      readonly kind: 'arena, returning';
      readonly release: Release;
      readonly inside: readonly Step[];
    }
  | { readonly kind: 'arena, begun'; readonly release: Release; readonly inside: readonly Step[] }
  | { readonly kind: 'noArena'; readonly inside: readonly Step[] }
  | { readonly kind: 'noArena, synchronous'; readonly inside: readonly Step[] }
  | { readonly kind: 'in a resource'; readonly which: number; readonly inside: readonly Step[] }
  | { readonly kind: 'callback'; readonly by: Callback; readonly inside: readonly Step[] }
  | { readonly kind: 'at once'; readonly branches: readonly (readonly Step[])[] };

type Callback = 'nextTick' | 'queueMicrotask' | 'setImmediate' | 'setTimeout';

const start: Record<Callback, (callback: () => void) => void> = {
  nextTick: (callback) => process.nextTick(callback),
  queueMicrotask: (callback) => queueMicrotask(callback),
  setImmediate: (callback) => setImmediate(callback),
  setTimeout: (callback) => setTimeout(callback, 1),
};

const wait = {
  nothing: async () => {},
  'a turn': () => nextTurn(),
  'a timer': () => sleep(1),
  'a thenable': () => ({
    // biome-ignore lint/suspicious/noThenProperty: awaited
    then: (resolve: () => void) => resolve(),
  }),
};

const NONE = { id: 0, release: 'collected' } as const;
type Expected = { readonly id: number; readonly release: Release };

const expected = new AsyncLocalStorage<Expected>();

/** Runs a program and says where something else was current than it says itself. */
class Run {
  // What a synchronous scope is that is on the stack, and no part of the async context.
  #onStack: Expected | undefined;
  readonly #ended = new Set<number>();
  readonly #resources: AsyncResource[] = [new AsyncResource('outside')];
  readonly #over = deferred();
  readonly #stillOpen: Promise<unknown>[] = [];
  #scopes = 0;
  looks = 0;
  readonly wrong: string[] = [];

  async runAll(steps: readonly Step[]): Promise<void> {
    await this.#run(steps);
    this.#over.resolve();
    await Promise.all(this.#stillOpen);
  }

  async #run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      switch (step.kind) {
        case 'await':
          await wait[step.what]();
          break;
        case 'arena': {
          const scope = this.#open(step.release);
          await arena(() => expected.run(scope, () => this.#run(step.inside)), {
            release: step.release,
            minBytes: scope.id,
            copyResult: false,
          });
          this.#ended.add(scope.id);
          break;
        }
        case 'noArena':
          await noArena(() => expected.run(NONE, () => this.#run(step.inside)));
          break;
        case 'callback':
          await new Promise<void>((resolve) => {
            start[step.by](() => this.#asCallback(() => resolve(this.#run(step.inside))));
          });
          break;
        case 'at once':
          await Promise.all(step.branches.map((branch) => this.#run(branch)));
          break;
        case 'make a resource':
          this.#resources.push(new AsyncResource('made on the way'));
          break;
        default:
          this.#runNow(step);
      }
    }
  }

  #runNow(step: Step): void {
    switch (step.kind) {
      case 'arena.sync': {
        const scope = this.#open(step.release);
        arena.sync(() => this.#withOnStack(scope, () => this.#allNow(step.inside)), {
          release: step.release,
          minBytes: scope.id,
        });
        break;
      }
      case 'arena, returning': {
        const scope = this.#open(step.release);
        arena(
          () =>
            expected.run(scope, () => this.#withOnStack(scope, () => this.#allNow(step.inside))),
          { release: step.release, minBytes: scope.id },
        );
        this.#ended.add(scope.id);
        break;
      }
      case 'arena, begun': {
        const scope = this.#open(step.release);
        const open = arena(
          () =>
            expected.run(scope, async () => {
              this.#withOnStack(scope, () => this.#allNow(step.inside));
              await this.#over.promise;
            }),
          { release: step.release, minBytes: scope.id },
        );
        this.#stillOpen.push(open);
        break;
      }
      case 'noArena, synchronous':
        noArena(() =>
          expected.run(NONE, () => this.#withOnStack(NONE, () => this.#allNow(step.inside))),
        );
        break;
      case 'in a resource': {
        const resource = this.#resources[step.which % this.#resources.length] as AsyncResource;
        resource.runInAsyncScope(() => this.#asCallback(() => this.#allNow(step.inside)));
        break;
      }
      case 'look':
        this.#look();
    }
  }

  #allNow(steps: readonly Step[]): void {
    for (const step of steps) this.#runNow(step);
  }

  #withOnStack(scope: Expected | undefined, fn: () => void): void {
    const outer = this.#onStack;
    this.#onStack = scope;
    fn();
    this.#onStack = outer;
  }

  // 'exit' scopes are not active in callbacks, nor in what those start.
  #asCallback(fn: () => void): void {
    this.#withOnStack(undefined, () => {
      const scope = expected.getStore();
      if (scope?.release === 'exit') expected.run(NONE, fn);
      else fn();
    });
  }

  #open(release: Release): Expected {
    this.#scopes++;
    return { id: 100 + this.#scopes, release };
  }

  #look(): void {
    this.looks++;
    const { id: named } = this.#onStack ?? expected.getStore() ?? NONE;
    const id = this.#ended.has(named) ? 0 : named;
    const found = currentArena()?.minBytes ?? 0;
    const isServed = isArenaArray(new Uint8Array(20_000)) || isArenaArray(Buffer.alloc(20_000));
    if (found !== id || isServed !== id > 0) {
      this.wrong.push(`${found}, ${isServed ? 'served' : 'not served'}, not ${id}`);
    }
  }
}

const look: Step = { kind: 'look' };
const inResource = (which: number, ...inside: Step[]): Step => {
  return { kind: 'in a resource', which, inside };
};
const begun = (...inside: Step[]): Step => {
  return { kind: 'arena, begun', release: 'collected', inside };
};

const release = fc.constantFrom<Release>('collected', 'exit');
const { program } = fc.letrec<{ program: Step[]; now: Step[] }>((tie) => {
  const which = fc.nat(2);
  const now = tie('now');
  const inside = tie('program');
  const nowStep: fc.Arbitrary<Step>[] = [
    fc.constant(look),
    fc.constant(look),
    fc.record({ kind: fc.constant('arena.sync' as const), release, inside: now }),
    fc.record({ kind: fc.constant('arena, returning' as const), release, inside: now }),
    fc.record({ kind: fc.constant('arena, begun' as const), release, inside: now }),
    fc.record({ kind: fc.constant('noArena, synchronous' as const), inside: now }),
    fc.record({ kind: fc.constant('in a resource' as const), which, inside: now }),
  ];
  const step: fc.Arbitrary<Step>[] = [
    ...nowStep,
    fc.constant<Step>({ kind: 'make a resource' }),
    fc.record({
      kind: fc.constant('await' as const),
      what: fc.constantFrom<keyof typeof wait>('nothing', 'a turn', 'a timer', 'a thenable'),
    }),
    fc.record({ kind: fc.constant('arena' as const), release, inside }),
    fc.record({ kind: fc.constant('noArena' as const), inside }),
    fc.record({
      kind: fc.constant('callback' as const),
      by: fc.constantFrom<Callback>('nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'),
      inside,
    }),
    fc.record({
      kind: fc.constant('at once' as const),
      branches: fc.array(inside, { minLength: 2, maxLength: 3, depthIdentifier: 'steps' }),
    }),
  ];
  const listOf = (...steps: fc.Arbitrary<Step>[]) =>
    fc.array(fc.oneof({ depthIdentifier: 'steps', maxDepth: 4, withCrossShrink: true }, ...steps), {
      maxLength: 5,
      depthIdentifier: 'steps',
    });
  return { program: listOf(...step), now: listOf(...nowStep) };
});

// Each was found with another mistake in what is remembered of the resource that is running.
const EXAMPLES: [Step[]][] = [
  [[inResource(0, begun(inResource(0, look)))]],
  [[inResource(0, begun(inResource(0, look)), look)]],
  [
    [
      {
        kind: 'arena',
        release: 'collected',
        inside: [
          { kind: 'await', what: 'nothing' },
          { kind: 'make a resource' },
          inResource(1, look),
        ],
      },
      inResource(1, look),
    ],
  ],
];

describe('the scope that is current', () => {
  it('is that of the async context, in random programs', async () => {
    let looks = 0;
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        const run = new Run();
        await run.runAll(steps);
        looks += run.looks;
        expect(run.wrong).toEqual([]);
      }),
      { numRuns: 3000, examples: EXAMPLES },
    );
    expect(looks).toBeGreaterThan(1000);
  }, 60_000);
});
