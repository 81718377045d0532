export const NANOSECONDS = { perMillisecond: 1e6, perSecond: 1e9 } as const;
