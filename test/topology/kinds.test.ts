import { readTopology, type Topology } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { type Files, listOf, withFiles } from '../support/machines.js';

const CPU = 'sys/devices/system/cpu';

/** The files of as many cores as there are values, each of which a cpu has in a file. */
function withValues(files: Record<string, readonly number[]>): Files {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, values]) =>
      values.flatMap((value, id) => [
        [`${CPU}/cpu${id}/${name}`, `${value}`],
        [`${CPU}/cpu${id}/topology/core_cpus_list`, `${id}`],
      ]),
    ),
  );
}

const read = (files: Files): Topology => withFiles(files, (root) => readTopology({ root }));

/** The cpus of efficiency cores, after a check that cores and cpus agree with the kinds. */
function efficient(files: Files): string {
  const { cpus, cores, kinds } = read(files);
  expect(cores.map(({ kind }) => kind)).toEqual(cpus.map(({ kind }) => kind));
  const ids = cpus.filter(({ kind }) => kind === 'efficiency').map(({ id }) => id);
  const both = ['performance', 'efficiency'];
  expect(kinds).toEqual(ids.length === 0 ? ['performance'] : both);
  return listOf(ids);
}

const six = withValues({ cpu_capacity: [1024, 1024, 300, 300, 300, 300] });

describe('efficiency cores', () => {
  it('are those of less capacity', () => {
    expect(efficient(six)).toBe('2-5');
  });

  it.each([
    ['the fastest picked out, nothing else', [1024, 870, 870, 870], ''],
    ['two kinds that are not quite alike among themselves', [718, 997, 731, 1017, 1024], '0,2'],
    ['three kinds', [300, 300, 800, 800, 1024], '0-1'],
    ['one kind', [1024, 1024], ''],
    ['a value that makes no sense', [1024, 0], ''],
  ])('are those below the widest gap: %s', (_name, cpu_capacity, ids) => {
    expect(efficient(withValues({ cpu_capacity }))).toBe(ids);
  });

  it('are those that the kernel names so, whatever their capacity', () => {
    const files = {
      ...six,
      'sys/devices/cpu_core/cpus': '2-3',
      'sys/devices/cpu_atom/cpus': '0,4-5',
      'sys/devices/cpu_lowpower/cpus': '1',
    };
    expect(efficient(files)).toBe('0-1,4-5');
  });

  it('are those of a type that is named so', () => {
    const files = {
      ...withValues({ cpu_capacity: [1024, 1024, 1024] }),
      [`${CPU}/types/intel_core_0/cpumap`]: '0x00000003',
      [`${CPU}/types/intel_atom_0/cpumap`]: '0x00000004',
    };
    expect(efficient(files)).toBe('2');
  });

  it('are none where all cores are of the kind with that name', () => {
    const files = { ...withValues({ online: [1, 1] }), 'sys/devices/cpu_atom/cpus': '0-1' };
    expect(efficient(files)).toBe('');
    expect(efficient({ ...files, 'sys/devices/cpu_core/cpus': '7' })).toBe('');
  });

  it.each([
    ['hybrid', [5000, 5000, 3900], [1900, 1900, 1400], '2'],
    ['with a higher base for some', [3900, 3900, 3900], [2700, 2100, 2100], ''],
    ['with the fastest picked out', [5100, 4900, 4900], [2500, 2500, 2500], ''],
  ])('are known by frequency where nothing else tells: %s', (_name, max, base, ids) => {
    const files = { 'cpufreq/cpuinfo_max_freq': max, 'cpufreq/base_frequency': base };
    expect(efficient(withValues(files))).toBe(ids);
  });

  it('are known by the maximum alone where there is no base frequency', () => {
    expect(efficient(withValues({ 'cpufreq/cpuinfo_max_freq': [4800, 3900] }))).toBe('1');
  });

  it('are not guessed from the frequency of some', () => {
    const files = withValues({ 'cpufreq/cpuinfo_max_freq': [5100, 3300], online: [1, 1, 1] });
    expect(efficient(files)).toBe('');
  });
});
