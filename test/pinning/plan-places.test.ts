import { core, numa, numas, type PinStrategy, socket, sockets } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { cpusOf } from '../support/plans.js';
import { thrownBy } from '../support/scopes.js';

describe('places', () => {
  it.each<[string, PinStrategy, number[]]>([
    ['a socket', socket(1), [4, 5, 6, 7, 12, 13]],
    ['members of a socket, whole cores first', socket(1, [4, 0]), [12, 4]],
    ['a node', numa(1), [2, 3, 10, 11]],
    ['members of a node', numa(3, [1, 2]), [7, 14]],
    ['a core', core(3), [3, 11]],
    ['a hardware thread of a core', core(3, [1]), [11]],
    ['sockets', sockets(), [0, 4, 1, 5, 2, 6]],
    ['nodes', numas(), [0, 2, 4, 6, 1, 3]],
    ['a list of places', [numa(1, [0]), socket(1, [0, 1])], [2, 4, 5]],
    ['places and ids', [7, core(0), 3], [7, 0, 8, 3]],
    ['lists in a list', [[7, core(0)], [3], [numa(1, [1, 3])].slice(1)], [7, 0, 8, 3]],
    ['ids', [5, 1, 15], [5, 1, 15]],
  ])('give the cpus of %s, in that order', (_name, strategy, cpus) => {
    expect(cpusOf(strategy, cpus.length)).toEqual(cpus);
    // One thread more than the strategy has cpus: all of them were listed above.
    if (cpus.length < 6) expect(cpusOf(strategy, cpus.length + 1).at(-1)).toBe(cpus[0]);
  });

  it.each<[string, PinStrategy]>([
    ['socket(1)', socket(1)],
    ['numa(1)', numa(1)],
    ['core(3)', core(3)],
    ['sockets()', sockets()],
    ['numas()', numas()],
    ['numa(3, [1, 2])', numa(3, [1, 2])],
    ['socket( 1 ,[ 4,0 ] )', socket(1, [4, 0])],
  ])('mean the same as text: %s', (text, place) => {
    expect(cpusOf(text, 4)).toEqual(cpusOf(place, 4));
  });

  it('keep hardware threads together when compact', () => {
    const options = { compact: true };
    expect(cpusOf(socket(1), 4, undefined, options)).toEqual([4, 12, 5, 13]);
    expect(cpusOf(numas(), 6, undefined, options)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('do not change with the list that they were made from', () => {
    const members = [1];
    const place = socket(0, members);
    members[0] = 2;
    expect(cpusOf(place, 1)).toEqual([1]);
  });

  it('count usable cpus only', () => {
    const shape = { coresPerNode: 4, forbidden: [0, 2] };
    expect(cpusOf(socket(0, [1, 0]), 2, shape)).toEqual([3, 1]);
  });

  it.each([
    ['socket', () => socket(-1), /^Expected an integer of 0 or more for id but received -1 of/],
    ['numa', () => numa('0' as never), /for id but received '0' of type string/],
    ['core', () => core(Number.NaN), /for id but received NaN of type number/],
    ['members', () => socket(0, [0, 1.5]), /0 or more for members\[1\] but received 1\.5 of/],
    ['no members', () => numa(0, []), /^Expected a list of integers .* for members but received/],
    ['one member', () => core(0, 1 as never), /for members but received 1 of type number/],
  ])('refuse bad arguments at once: %s', (_name, call, message) => {
    expect(thrownBy(call)).toMatchObject({
      code: 'ERR_ARENA_INVALID_ARG',
      message: expect.stringMatching(message),
    });
  });
});
