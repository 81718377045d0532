import { advantage, type Comparison } from './comparison.js';
import { digits } from './support/format.js';

/**
 * What has been measured again, in new processes, because it missed a target. Only that counts: the worst of a hundred
 * rows is mostly the one that was unluckiest, so that rounds by which it was chosen would say too little of it.
 *
 * @returns the second look, which says what the first one was
 */
export function secondLook(first: Comparison, again: Comparison): Comparison {
  const before = first.ours.map(
    (variant) => `'${variant}' ${digits(advantage(first, variant).median)}×`,
  );
  const told = `measured again in new processes, as it missed a target: at first ${before.join(', ')}`;
  return { ...again, remark: again.remark === undefined ? told : `${again.remark}; ${told}` };
}
