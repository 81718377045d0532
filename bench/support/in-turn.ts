/**
 * The order in which a round takes its variants: it rotates, and every other time round it is
 * reversed, so that each variant comes at each place, and before and after each other one.
 */
export function inTurn<T>(variants: readonly T[], round: number): T[] {
  const first = round % variants.length;
  const order = [...variants.slice(first), ...variants.slice(0, first)];
  return Math.floor(round / variants.length) % 2 === 0 ? order : order.reverse();
}
