/** What `'plain'` is, once more, in a process of its own: a control. */
export const AGAIN = 'plain again';
