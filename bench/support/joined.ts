type Rounds = Readonly<Record<string, readonly number[] | undefined>>;

/** The rounds of both, of each variant of the first. */
export function joined(first: Rounds, more: Rounds): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(first).map(([variant, values = []]) => [
      variant,
      [...values, ...(more[variant] ?? [])],
    ]),
  );
}
