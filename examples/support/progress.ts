import cliProgress from 'cli-progress';
import type { Variant } from './variant.js';

/** Tells that one more run begins. */
export type Begin = (workload: string, variant: Variant) => void;

/**
 * Does work of `total` runs under a progress bar on standard error. Where that is not a terminal, nothing is
 * drawn.
 */
export async function withProgress<T>(
  total: number,
  work: (begin: Begin) => Promise<T>,
): Promise<T> {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% | {workload}, {variant}',
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let begun = 0;
  bar.start(total, 0, { workload: 'preparing', variant: 'plain' });
  try {
    return await work((workload, variant) => bar.update(begun++, { workload, variant }));
  } finally {
    bar.stop();
  }
}
