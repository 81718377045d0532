import { core, numa, planPinning, socket } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { regularMachine, topologyOf } from '../support/machines.js';
import { cpusOf, server } from '../support/plans.js';
import { thrownBy } from '../support/scopes.js';

const invalid = (code: 'ARG' | 'OPTION', message: RegExp) => ({
  name: 'ArenaError',
  code: `ERR_ARENA_INVALID_${code}`,
  message: expect.stringMatching(message),
});

const shape = { ...server, forbidden: [1, 4, 5, 12, 13] };
const refused = (strategy: unknown) => thrownBy(() => cpusOf(strategy as never, 2, shape));

describe('a strategy is refused', () => {
  it.each([
    ['an unknown name', 'spread', /^Expected 'cputhreads', .*'affinitymask', a likwid string/],
    ['a name of Object.prototype', 'toString', /^Expected 'cputhreads', .* received 'toString'/],
    [
      'an empty string',
      '',
      /or places such as numa\(1\) for strategy but received '' of type string/,
    ],
    ['a place without a number', 'numa()', /for strategy but received 'numa\(\)' of type string/],
    [
      'a place of all with one',
      'numas(1)',
      /for strategy but received 'numas\(1\)' of type string/,
    ],
    ['a place of no kind as text', 'die(1)', /for strategy but received 'die\(1\)' of type string/],
    ['no members as text', 'numa(1, [])', /for strategy but received 'numa\(1, \[\]\)' of/],
    ['two places as text', 'numa(0)numa(1)', /for strategy but received 'numa\(0\)numa\(1\)'/],
    ['an unknown node as text', 'numa(8)', /usable cpus \(0-1,3\) for numa\(id\) but received 8/],
    ['a number', 5, /for strategy but received 5 of type number/],
    ['nothing', undefined, /for strategy but received undefined/],
    ['an object', {}, /for strategy but received an instance of Object/],
    ['a place of no kind', { kind: 'toString', id: 0 }, /received an instance of Object/],
    ['a domain without a number', { kind: 'socket' }, /received an instance of Object/],
    ['an empty list', [], /^Expected at least one cpu for strategy but received an empty list/],
    ['a list of an empty list', [[]], /^Expected at least one cpu for strategy/],
    ['lists too deep', [0, [[2]]], /^Expected a cpu id or a place for strategy\[1\]\[0\] but/],
    ['a name in a list', ['cores'], /a list of those for strategy\[0\] but received 'cores'/],
    [
      'an id that is no cpu',
      [99],
      /may use \(0,2-3,6-11,14-15\) for strategy\[0\] but received 99/,
    ],
    ['an id that is no number', [Number.NaN], /for strategy\[0\] but received NaN/],
    ['a hole', Object.assign(Array(2), { 1: 0 }), /strategy\[0\] but received undefined/],
    [
      'a hole in a list in it',
      [Object.assign(Array(2), { 1: 0 })],
      /^Expected a cpu id or a place for strategy\[0\]\[0\] but received undefined/,
    ],
    [
      'a hole among members',
      { kind: 'numa', id: 0, members: Object.assign(Array(2), { 1: 0 }) },
      /^Expected places from 0 to 2 for members of numa\(0\) but received undefined/,
    ],
    ['a forbidden id', [0, [4]], /may use \(0,2-3,6-11,14-15\) for strategy\[1\]\[0\] but rece/],
    ['the same id twice', [0, 3, 0], /^Expected each cpu once for strategy but received cpu 0 tw/],
    ['places that overlap', [numa(1), socket(0)], /^Expected each cpu once .* received cpu 2 tw/],
    ['a member twice', numa(1, [0, 0]), /^Expected each cpu once .* received cpu 2 twice/],
    [
      'an unknown socket',
      socket(2),
      /^Expected a socket with usable cpus \(0-1\) for socket\(id\)/,
    ],
    ['an unknown node', numa(8), /^Expected a numa with usable cpus \(0-1,3\) for numa\(id\) but/],
    ['a node without usable cpus', numa(2), /usable cpus \(0-1,3\) for numa\(id\) but received 2/],
    [
      'a core without usable cpus',
      core(5),
      /usable cpus \(0-3,6-7\) for core\(id\) but received 5/,
    ],
    [
      'a member too many',
      numa(0, [3]),
      /^Expected places from 0 to 2 for members of numa\(0\) but/,
    ],
  ])('with what was expected and what came: %s', (_name, strategy, message) => {
    expect(refused(strategy)).toMatchObject(invalid('ARG', message));
  });
});

describe('a likwid string is refused', () => {
  it.each([
    ['0,99', /may use \(0,2-3,6-11,14-15\) for strategy '0,99' but received 99/],
    ['0-4', /may use .* for strategy '0-4' but received 1 of type number/],
    ['0,,2', /^Expected a list such as '0,2-3' for strategy '0,,2' but received ''/],
    ['0-', /^Expected a list such as '0,2-3' for strategy '0-' but received '0-'/],
    ['0,-2', /^Expected a list such as '0,2-3' .* received '-2'/],
    ['0@', /^Expected a domain .* for strategy '0@' but received ''/],
    ['0,0', /^Expected each cpu once for strategy but received cpu 0 twice/],
    ['S0:0@M0:0', /^Expected each cpu once/],
    [
      'X0:1',
      /^Expected a domain with usable cpus \(N, S with 0-1, D with 0-1, C with 0-1,3 or M with 0-1,3\) for str.* 'X0'/,
    ],
    ['S2:0', /\(N, S with 0-1, .* or M with 0-1,3\) for strategy 'S2:0' but received 'S2'/],
    ['M2:0', /\(N, S with 0-1, .* or M with 0-1,3\) for strategy 'M2:0' but received 'M2'/],
    ['S:0', /for strategy 'S:0' but received 'S'/],
    ['C2:0', /for strategy 'C2:0' but received 'C2'/],
    ['D2:0', /for strategy 'D2:0' but received 'D2'/],
    ['C:0', /for strategy 'C:0' but received 'C'/],
    ['K0:0', /for strategy 'K0:0' but received 'K0'/],
    ['M0:0-3', /^Expected places from 0 to 2 of M0 for strategy 'M0:0-3' but received 3/],
    ['M0:', /^Expected a list such as/],
    ['M0:x', /^Expected a list such as '0,2-3' for strategy 'M0:x' but received 'x'/],
    ['M0:0:1', /^Expected 'DOMAIN:LIST' for strategy 'M0:0:1'/],
    ['N:0-99999', /^Expected at most 65536 numbers/],
    ['E:N:99', /^Expected a count of at most 11, the usable cpus of N, for strategy .* 99/],
    ['E:N:0', /^Expected an integer of 1 or more as the count/],
    ['E:N:2:0:1', /^Expected an integer of 1 or more as the chunk/],
    ['E:N:2:1:x', /^Expected an integer of 1 or more as the stride .* received 'x'/],
    ['E:N:4:1:8', /^Expected a chunk and stride that end at place 10 of N .* received 16/],
    ['E:N:1:1:1:1:1', /^Expected 'E:DOMAIN:COUNT:CHUNK:STRIDE:OFFSET'/],
    ['E', /^Expected a domain/],
    ['S:scatter:12', /^Expected a count of at most 11, the usable cpus of S,/],
    ['S:balanced:0', /^Expected an integer of 1 or more as the count/],
    ['S:scatter:1:1', /^Expected 'DOMAIN:scatter:COUNT'/],
  ])('%s', (strategy, message) => {
    expect(refused(strategy)).toMatchObject(invalid('ARG', message));
  });
});

describe('planPinning refuses', () => {
  const topology = topologyOf(regularMachine(server));
  const none = topologyOf(regularMachine({ forbidden: [0] }));
  const integer = /^Expected an integer from 1 to 4194304 for threads but received /;

  it.each([
    ['no options', undefined, 'ARG', /^Expected an object for options but received undefined/],
    ['no topology', { threads: 1 }, 'OPTION', /^Expected what readTopology\(\) returns for topol/],
    ['no machine', { topology: {}, threads: 1 }, 'OPTION', /readTopology\(\) returns for topology/],
    ...[
      [null],
      [{}],
      [{ ...topology.cpus[0], core: undefined }],
      Object.assign(Array(2), { 1: topology.cpus[0] }),
    ].map(
      (cpus) =>
        [
          `cpus that are none: ${JSON.stringify(cpus)}`,
          { topology: { ...topology, cpus }, threads: 1 },
          'OPTION',
          /^Expected what readTopology\(\) returns for topology but received an instance of Object/,
        ] as const,
    ),
    [
      'dies that are none',
      { topology: { ...topology, dies: [null] }, threads: 1 },
      'OPTION',
      /topo/,
    ],
    [
      'caches of none',
      { topology: { ...topology, caches: [{ id: 0 }] }, threads: 1 },
      'OPTION',
      /topo/,
    ],
    ['no cpus', { topology: none, threads: 1 }, 'OPTION', /^Expected a topology with usable cpus/],
    ['no threads', { topology }, 'OPTION', integer],
    ['0 threads', { topology, threads: 0 }, 'OPTION', integer],
    ['-1 threads', { topology, threads: -1 }, 'OPTION', integer],
    ['NaN threads', { topology, threads: Number.NaN }, 'OPTION', integer],
    ['2.5 threads', { topology, threads: 2.5 }, 'OPTION', integer],
    ["'2' threads", { topology, threads: '2' }, 'OPTION', integer],
    ['threads beyond number', { topology, threads: 2 ** 53 }, 'OPTION', integer],
    ['an unknown option', { topology, threads: 1, thread: 1 }, 'OPTION', /received 'thread'/],
    ['a compact of 1', { topology, threads: 1, compact: 1 }, 'OPTION', /true or false for compact/],
    ['a seed of -1', { topology, threads: 1, seed: -1 }, 'OPTION', /^Expected an integer of 0 or/],
    ['an efficiency of 1', { topology, threads: 1, efficiency: 1 }, 'OPTION', /for efficiency/],
    ['a current of 1', { topology, threads: 1, current: 1 }, 'OPTION', /list of cpu ids for curr/],
  ] as const)('%s', (_name, options, code, message) => {
    const error = thrownBy(() => planPinning('cores', options as never));
    expect(error).toMatchObject(invalid(code, message));
  });

  it.each([
    [undefined, /^Expected the cpus of 2 thread\(s\) for current but received none/],
    [[1], /^Expected the cpus of 2 thread\(s\) for current but received 1 of them/],
    [Object.assign(Array(2), { 1: 1 }), /\(0-15\) for current but received undefined/],
    [[1, 16], /^Expected cpus that this process may use \(0-15\) for current but received 16/],
  ])("'current' with %j as the present cpus", (current, message) => {
    const error = thrownBy(() => planPinning('current', { topology, threads: 2, current }));
    expect(error).toMatchObject(invalid('ARG', message));
  });
});
