// `npm run bench` with sections of the tests' own, by name: some finish, some fail, and 'endless' waits for a signal.
const { bench } = require('../../out/bench/bench.js');
const { parseCommandLine } = require('../../out/bench/command-line.js');

const row = (section) => ({
  section,
  group: `group of ${section}`,
  name: '8 KB',
  unit: 'ns',
  better: 'less',
  baseline: 'plain',
  ours: ['exit'],
  rounds: { plain: [2, 2, 2], exit: [1, 1, 1] },
});

const section = (name, run) => ({ name, about: name, steps: () => 1, run });
const good = (name) => section(name, async () => ({ comparisons: [row(name)], targets: [] }));

const sections = [
  good('first'),
  section('throwing', async () => {
    throw new Error('no luck\nat all');
  }),
  section('numberless', async () => ({
    comparisons: [{ ...row('numberless'), rounds: { plain: [2], exit: [null] } }],
    targets: [],
  })),
  good('second'),
  section('endless', () => {
    // Also keeps this process from ending by itself.
    setInterval(() => {}, 1000);
    console.error('endless has begun');
    return new Promise(() => {});
  }),
  good('last'),
];

bench(parseCommandLine(sections));
