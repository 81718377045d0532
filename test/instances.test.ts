// What an 'exit' scope returns in instances of classes, which only their class can make.
import { types } from 'node:util';
import { arena, copyFromArena, isArenaArray } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { fillPattern, holdsPattern } from './support/pattern.js';

const exit = { release: 'exit' } as const;

/** Uses the memory of scopes that have ended for something else. */
function useAgain(): void {
  arena.sync(() => {
    for (let i = 0; i < 500; i++) new Uint8Array(2000).fill(0xee);
  }, exit);
}

const bytes = (seed = 1) => fillPattern(new Uint8Array(1000), seed);

class Picture {
  #reads = 0;
  data: Uint8Array = bytes();

  get reads(): number {
    return ++this.#reads;
  }
}

function expectIntact(array: unknown, seed = 1): void {
  useAgain();
  expect(isArenaArray(array)).toBe(false);
  expect(holdsPattern(array as Uint8Array, seed)).toBe(true);
}

const withSlots: Record<string, [() => object, (value: never) => unknown]> = {
  URL: [() => new URL('http://a/b'), (url: URL) => url.href],
  Headers: [() => new Headers({ a: 'b' }), (headers: Headers) => headers.get('a')],
  AbortController: [() => new AbortController(), ({ signal }: AbortController) => signal.aborted],
  'Intl.NumberFormat': [
    () => new Intl.NumberFormat('en'),
    (format: Intl.NumberFormat) => format.format(5),
  ],
  'an iterator': [() => [7].values(), (values: Iterator<number>) => values.next().value],
  'a class with #private fields': [() => new Picture(), (picture: Picture) => picture.reads],
};

describe("an 'exit' scope", () => {
  it.each(Object.entries(withSlots))(
    'returns %s with what only its class can give it',
    (_, [make, use]) => {
      const returned = arena.sync(() => Object.assign(make(), { raw: bytes(3) }), exit);
      expectIntact(returned.raw, 3);
      expect(use(returned as never)).toEqual(use(make() as never));
    },
  );

  it('returns the instance itself, from awaits and in containers as well', async () => {
    const known: Picture[] = [];
    const make = () => {
      const picture = new Picture();
      known.push(picture);
      return picture;
    };
    expect(arena.sync(make, exit)).toBe(known[0]);
    expect(await arena(async () => make(), exit)).toBe(known[1]);
    const { list, map } = arena.sync(
      () => ({ list: [make()], map: new Map([['key', { picture: make() }]]) }),
      exit,
    );
    expect(list[0]).toBe(known[2]);
    expect(map.get('key')?.picture).toBe(known[3]);
    for (const { data, reads } of known) {
      expectIntact(data);
      expect(reads).toBe(1);
    }
  });

  it('throws copies, too, and errors that are the very ones', async () => {
    const error = new TypeError('of a scope');
    const throwing = (thrown: () => unknown) => [
      () =>
        arena.sync(() => {
          throw thrown();
        }, exit),
      () =>
        arena(() => {
          throw thrown();
        }, exit),
      () => arena(async () => Promise.reject(thrown()), exit),
      () =>
        arena(async () => {
          await null;
          throw thrown();
        }, exit),
    ];
    const caught = async (run: () => unknown) => {
      try {
        await run();
      } catch (reason) {
        return reason;
      }
      throw new Error('expected a throw');
    };
    for (const run of throwing(() => ({ status: 400, body: bytes(6) }))) {
      const thrown = (await caught(run)) as { status: number; body: Uint8Array };
      expect(thrown.status).toBe(400);
      expectIntact(thrown.body, 6);
    }
    for (const run of throwing(() => bytes(7))) expectIntact(await caught(run), 7);
    for (const run of throwing(() =>
      Object.assign(error, { response: { data: bytes(8) }, cause: bytes(9) }),
    )) {
      expect(await caught(run)).toBe(error);
      expectIntact((error as unknown as { response: { data: Uint8Array } }).response.data, 8);
      expectIntact(error.cause, 9);
    }
    const thrown = await caught(throwing(() => 5)[0] as () => unknown);
    expect(thrown).toBe(5);
  });

  it('does not look at the stack of an error, which users may compose', () => {
    const { prepareStackTrace } = Error;
    let composed = 0;
    Error.prepareStackTrace = () => {
      composed++;
      return 'composed';
    };
    try {
      const { error } = arena.sync(() => ({ error: new Error('x'), raw: bytes() }), exit);
      expect(composed).toBe(0);
      expect(error.stack).toBe('composed');
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  });

  it('returns those that refer to one another', () => {
    class Node {
      data = bytes();
      next: Node | undefined;
    }
    const first = arena.sync(() => {
      const made = [new Node(), new Node()] as const;
      made[0].next = made[1];
      made[1].next = made[0];
      return made[0];
    }, exit);
    expect(first.next?.next).toBe(first);
    expectIntact(first.next?.data);
  });

  it('returns another one of what may not be written', () => {
    const frozen = arena.sync(
      () =>
        Object.freeze(
          new (class Frozen {
            data = bytes();
          })(),
        ),
      exit,
    );
    expectIntact(frozen.data);
    expect([Object.isFrozen(frozen), frozen.constructor.name]).toEqual([true, 'Frozen']);
  });

  it('writes where it is possible, and leaves getters alone', () => {
    const made = arena.sync(() => {
      const data = bytes();
      return Object.create(Picture.prototype, {
        fixed: { value: data, configurable: true, enumerable: false },
        asked: { get: () => expect.fail('asked'), configurable: true },
      }) as { readonly fixed: Uint8Array };
    }, exit);
    expectIntact(made.fixed);
    expect(Object.getOwnPropertyDescriptor(made, 'fixed')).toMatchObject({
      writable: false,
      configurable: true,
      enumerable: false,
    });
  });
});

describe('copyFromArena', () => {
  it('changes no instance, and gives another one', () => {
    arena.sync(() => {
      const picture = new Picture();
      const { data } = picture;
      const copy = copyFromArena(picture);
      expect(copy).not.toBe(picture);
      expect(copy).toBeInstanceOf(Picture);
      expect([picture.data === data, isArenaArray(data), isArenaArray(copy.data)]).toEqual([
        true,
        true,
        false,
      ]);
      expect(types.isProxy(copy)).toBe(false);
    });
  });
});

describe('what is on arrays in the result of an exit scope', () => {
  type Noted = Uint8Array & Record<'note' | 'other', unknown>;
  const noted = (notes: object) => Object.assign(bytes(), notes) as Noted;

  it('is shared where it was', () => {
    const { a, b, note, holder } = arena.sync(() => {
      const note = { data: bytes(2) };
      const holder: Record<string, unknown> = {};
      const a = noted({ note, other: note });
      holder.array = noted({ note: holder });
      return { a, b: noted({ note, other: holder }), note, holder };
    }, exit);
    expect([a.note, a.other, b.note]).toEqual([note, note, note]);
    expect([a.note === note, a.other === note, b.note === note]).toEqual([true, true, true]);
    expect((holder.array as Noted).note).toBe(holder);
    expect(b.other).toBe(holder);
    for (const array of [a, b, holder.array]) expectIntact(array);
    expectIntact(note.data, 2);
  });

  it('may lead back to the array, and to views of its memory', () => {
    const array = arena.sync(() => {
      const array = noted({});
      array.note = array;
      array.other = Object.assign(new DataView(array.buffer), { of: array });
      return array;
    }, exit);
    expect(array.note).toBe(array);
    expect((array.other as DataView).buffer).toBe(array.buffer);
    expect((array.other as { of: unknown }).of).toBe(array);
    expectIntact(array);
  });

  it('may be as deep as memory allows', () => {
    const length = 20_000;
    let array = arena.sync(() => {
      let inner: unknown;
      for (let i = 0; i < length; i++) {
        inner = { array: Object.assign(new Uint8Array(100), { note: inner }) };
      }
      return inner as { array: Noted } | undefined;
    }, exit);
    let found = 0;
    for (; array !== undefined; array = array.array.note as typeof array) found++;
    expect(found).toBe(length);
  });
});

describe('what is on objects that are not copied themselves', () => {
  const use = (...args: unknown[]) => args;
  const makers: Record<string, () => object> = {
    'an array of V8’s': () => new Uint8Array(16),
    'a Buffer of V8’s': () => Buffer.from('text'),
    'a DataView of V8’s': () => new DataView(new Uint8Array(8).buffer),
    'an array of a class': () => new (class Small extends Float32Array {})(4),
    'a Date': () => new Date(0),
    'a RegExp': () => /a/g,
    'a boxed number': () => Object(5) as object,
    'a list': () => [1, 2],
    'a Map': () => new Map([[1, 2]]),
    arguments: () =>
      (
        function take() {
          // biome-ignore lint/complexity/noArguments: it is what is tried out
          return arguments as unknown as object;
        } as typeof use
      )(1, 2),
  };

  it.each(Object.entries(makers))('is copied where it lies in an arena: %s', (_, make) => {
    const alone = arena.sync(() => Object.assign(make(), { raw: bytes(3) }), exit);
    expectIntact(alone.raw, 3);
    expect(Object.prototype.toString.call(alone)).toBe(Object.prototype.toString.call(make()));
    const { held } = arena.sync(
      () => ({ other: bytes(), held: [Object.assign(make(), { raw: { deep: bytes(4) } })] }),
      exit,
    );
    expectIntact(held[0]?.raw.deep, 4);
  });

  it('stays as it is where it cannot be written', () => {
    const date = arena.sync(
      () => Object.freeze(Object.assign(new Date(0), { raw: bytes() })),
      exit,
    );
    expect([date.getTime(), Object.isFrozen(date), isArenaArray(date.raw)]).toEqual([
      0,
      true,
      true,
    ]);
  });

  it('is copied where arguments hold it', () => {
    const taken = arena.sync(
      () =>
        (
          function take() {
            // biome-ignore lint/complexity/noArguments: it is what is tried out
            return arguments;
          } as (...args: unknown[]) => ArrayLike<unknown>
        )(bytes(5), 2),
      exit,
    );
    expect([taken.length, taken[1]]).toEqual([2, 2]);
    expectIntact(taken[0], 5);
  });
});
