/** The ported examples, by the name of their workload. */
export const EXAMPLES = ['collected range', 'medians', 'param-search'] as const;

export type Example = (typeof EXAMPLES)[number];
