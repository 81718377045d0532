import cliProgress from 'cli-progress';
import type { Step } from '../section.js';

/** Does work of `total` steps under a bar on standard error, where that is a terminal. */
export async function withProgress<T>(total: number, work: (step: Step) => Promise<T>): Promise<T> {
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
  bar.start(total, 0, { what: 'preparing' });
  try {
    return await work((what) => bar.update(begun++, { what }));
  } finally {
    bar.stop();
  }
}
