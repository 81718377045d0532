import cliProgress from 'cli-progress';
import type { Step } from '../section.js';

/** Takes the bar away while something is printed, which it would write over. */
export type Aside = (print: () => void) => void;

/** Does work of `total` steps under a bar on standard error, where that is a terminal. */
export async function withProgress<T>(
  total: number,
  work: (step: Step, aside: Aside) => Promise<T>,
): Promise<T> {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% | {what} | {duration_formatted}',
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let begun = 0;
  const start = () => bar.start(total, begun, { what: 'preparing' });
  const aside: Aside = (print) => {
    bar.stop();
    print();
    start();
  };
  start();
  try {
    return await work((what) => bar.update(begun++, { what }), aside);
  } finally {
    bar.stop();
  }
}
