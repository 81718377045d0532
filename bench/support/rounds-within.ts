/**
 * The numbers of rounds, from 0: so many, or on a slow machine as many as end in time, but half of them at least.
 *
 * @param milliseconds - unless they may take as long as they like
 */
export function* roundsWithin(
  rounds: number,
  milliseconds = Number.POSITIVE_INFINITY,
): Generator<number> {
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    // As long as those before it.
    const end = ((performance.now() - start) * (round + 1)) / Math.max(round, 1);
    if (round >= rounds / 2 && end > milliseconds) return;
    yield round;
  }
}
